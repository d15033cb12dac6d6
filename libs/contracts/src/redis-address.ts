/**
 * The address of Redis as people write it: one server, a cluster, or the Sentinels that know which server is the primary. Read by
 * the settings, which refuse what is wrong, and by libs/queue, which connects.
 */

export interface RedisHost {
  host: string
  port: number
}

export interface RedisLogin {
  username?: string
  password?: string
}

interface Common extends RedisLogin {
  tls: boolean
  /** One server, nodes of the cluster, or Sentinels. Some are enough: the others are told by them. */
  hosts: readonly RedisHost[]
  /** Where a node is reached that tells another address of itself, by `host:port`. */
  nat: Readonly<Record<string, RedisHost>>
}

export type RedisAddress =
  | (Common & { kind: 'server'; text: string })
  | (Common & { kind: 'cluster' })
  | (Common & { kind: 'sentinel'; primary: string; db: number; sentinel: RedisLogin })

/** What is wrong with an address, in words that name no password. */
export class RedisAddressError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'RedisAddressError'
  }
}

const PORTS = { server: 6379, cluster: 6379, sentinel: 26_379 } as const
const MOST_HOSTS = 100
const SHAPE = /^(rediss?)(?:\+(cluster|sentinel))?:\/\/(?:([^/?#]*)@)?([^/?#@]+)((?:\/[^?#]*)?)((?:\?[^#]*)?)$/

/** Throws RedisAddressError. */
export function parseRedisAddress(text: string): RedisAddress {
  const [, scheme, named, login = '', places = '', path = '', query = ''] = SHAPE.exec(text) ?? []
  if (scheme === undefined) {
    throw new RedisAddressError(
      'expected redis://host, redis+cluster://host,host or redis+sentinel://host,host/primary (rediss for TLS)',
    )
  }
  const list = places.split(',')
  const kind = (named as 'cluster' | 'sentinel' | undefined) ?? (list.length > 1 ? 'cluster' : 'server')
  if (list.length > MOST_HOSTS) throw new RedisAddressError(`expected at most ${MOST_HOSTS} hosts`)
  const options = new URLSearchParams(query)
  const common = {
    ...{ tls: scheme === 'rediss', hosts: list.map((place) => hostOf(place, PORTS[kind])) },
    ...{ nat: natOf(options.get('nat')), ...loginOf(login) },
  }
  if (kind === 'server') return { kind, ...common, text }
  const parts = path.split('/').slice(1)
  if (kind === 'cluster') {
    if (parts.some((part) => part !== '' && part !== '0')) {
      throw new RedisAddressError('a cluster has no database but 0: leave out what follows the hosts')
    }
    return { kind, ...common }
  }
  const [primary = '', db = '0'] = parts
  if (primary === '') {
    throw new RedisAddressError(
      'expected the name of the primary that the Sentinels watch: redis+sentinel://host,host/NAME',
    )
  }
  if (!/^\d{1,5}$/.test(db) || parts.length > 2) {
    throw new RedisAddressError('expected a number of a database behind the name of the primary, or nothing')
  }
  const sentinel = withoutEmpty({
    username: options.get('sentinel_user') ?? '',
    password: options.get('sentinel_password') ?? '',
  })
  return { kind, ...common, primary: decode(primary), db: Number(db), sentinel }
}

/** Without user and password: for people. */
export function nameOfRedis(address: RedisAddress): string {
  const { kind, tls, hosts } = address
  const scheme = `redis${tls ? 's' : ''}${kind === 'server' ? '' : `+${kind}`}`
  const name = `${scheme}://${hosts.map(({ host, port }) => `${host.includes(':') ? `[${host}]` : host}:${port}`).join(',')}`
  return kind === 'sentinel' ? `${name}/${address.primary}` : name
}

function hostOf(place: string, port: number): RedisHost {
  const url = `redis://${place}`
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  if (!parsed?.hostname) throw new RedisAddressError('expected host or host:port between the commas')
  return { host: parsed.hostname.replace(/^\[|\]$/g, ''), port: Number(parsed.port || port) }
}

/** `10.0.0.1:6379=redis-0.example:6379`, with commas between. */
function natOf(text: string | null): Record<string, RedisHost> {
  const pairs = (text ?? '').split(',').filter((pair) => pair !== '')
  return Object.fromEntries(
    pairs.map((pair) => {
      const [from = '', to = ''] = pair.split('=')
      if (!/^\S+:\d{1,5}$/.test(from) || to === '') throw new RedisAddressError('expected nat=host:port=host:port')
      return [from, hostOf(to, 6379)]
    }),
  )
}

function loginOf(text: string): RedisLogin {
  const colon = text.indexOf(':')
  const [username, password] = colon < 0 ? [text, ''] : [text.slice(0, colon), text.slice(colon + 1)]
  return withoutEmpty({ username: decode(username), password: decode(password) })
}

const withoutEmpty = ({ username, password }: Required<RedisLogin>): RedisLogin => ({
  ...(username !== '' && { username }),
  ...(password !== '' && { password }),
})

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
