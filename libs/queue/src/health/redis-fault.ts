/**
 * What a failed call or connection says of its cause, in a sentence, and how to mend it. Told by the error itself: by the
 * system's code, or by the first word of Redis' refusal. Asked by RedisWatch for /readyz and by probe-redis.ts.
 */
import { isUnexplained, lookAtPort, type Place } from './look-at-port.ts'
import { replyCode } from '../redis/redis-connection.ts'

export interface RedisFault {
  /** ECONNREFUSED, WRONGPASS, or one of ours: see `look-at-port.ts`. */
  code: string
  /** A sentence without its full stop. Never a secret: Redis' own words name commands and users, no arguments. */
  reason: string
  mend: string
}

const CA =
  'Set NODE_EXTRA_CA_CERTS to the file of the authority that signed its certificate (PEM), for every process of Millrace.'
const ADDRESS = 'Start it, or correct REDIS_URL.'
const RIGHTS = 'Give its user the rights that docs/deploy.md lists under Redis.'

type Row = readonly [reason: string, mend: string]

const UNTRUSTED: Row = ['The certificate of Redis is signed by an authority that is not known here', CA]
const SILENT: Row = ['Redis does not answer', 'Start it, open its port in the firewall, or correct REDIS_URL.']
const UNREACHABLE: Row = [
  'The machine of Redis cannot be reached',
  'Mend the network, or correct the host in REDIS_URL.',
]
const UNKNOWN_HOST: Row = ['The host of Redis is not known', 'Correct the host in REDIS_URL, or the name service.']
const NO_TLS: Row = [
  'Redis does not speak TLS on this port',
  'Write redis:// instead of rediss:// in REDIS_URL, or name its TLS port.',
]
const CLOSED: Row = ['Redis closes the connection', 'Look into its log, and correct REDIS_URL.']
const CLUSTER: Row = [
  'This is a Redis Cluster of several nodes, and REDIS_URL names one server',
  'Write redis+cluster:// in place of redis:// in REDIS_URL.',
]

const ROWS: Readonly<Record<string, Row>> = {
  ECONNREFUSED: ['Redis does not answer', ADDRESS],
  ENOENT: ['Redis does not answer', ADDRESS],
  ENOTFOUND: UNKNOWN_HOST,
  EAI_AGAIN: UNKNOWN_HOST,
  ETIMEDOUT: SILENT,
  EHOSTUNREACH: UNREACHABLE,
  ENETUNREACH: UNREACHABLE,
  ECONNRESET: CLOSED,
  EPIPE: CLOSED,
  SELF_SIGNED_CERT_IN_CHAIN: UNTRUSTED,
  DEPTH_ZERO_SELF_SIGNED_CERT: UNTRUSTED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNTRUSTED,
  CERT_HAS_EXPIRED: ['The certificate of Redis has expired', 'Renew it.'],
  CERT_NOT_YET_VALID: [
    'The certificate of Redis is not valid yet',
    'Set the clock of this machine, or of the one that made it.',
  ],
  ERR_TLS_CERT_ALTNAME_INVALID: [
    'The certificate of Redis is for another name than the host in REDIS_URL',
    'Use a name that stands in the certificate.',
  ],
  ERR_SSL_WRONG_VERSION_NUMBER: NO_TLS,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: NO_TLS,
  NEEDS_PLAIN: NO_TLS,
  NEEDS_TLS: ['Redis speaks TLS on this port', 'Write rediss:// instead of redis:// in REDIS_URL.'],
  NOT_REDIS: ['What answers there is not Redis', 'Correct host and port in REDIS_URL.'],
  DENIED: [
    'Redis is in protected mode: without a password it answers its own machine alone',
    'Set a password for it (requirepass or a user) and put it into REDIS_URL; or, in a closed network, "protected-mode no".',
  ],
  NOAUTH: ['Redis asks for a password', 'Put user and password into REDIS_URL: redis://USER:PASSWORD@HOST.'],
  WRONGPASS: [
    'Redis refuses this user or password',
    'Correct them in REDIS_URL; signs such as @ / : # are written as %40 %2F %3A %23.',
  ],
  NOPERM: ['The user of REDIS_URL may not do what is needed', RIGHTS],
  LOADING: ['Redis is loading its data', 'Wait until it has.'],
  READONLY: ['Redis is a replica that takes no writes', 'Name the primary in REDIS_URL.'],
  MASTERDOWN: ['Redis is a replica that has lost its primary', 'Name the primary in REDIS_URL.'],
  NOREPLICAS: [
    'Redis takes no writes: it has fewer replicas than min-replicas-to-write asks for',
    'Start the replicas.',
  ],
  OOM: ['Redis is full', 'Raise maxmemory, or shorten retention.'],
  MISCONF: [
    'Redis takes no writes: it cannot write to its disk',
    'Free some room on its disk; its log says what failed.',
  ],
  BUSY: ['Redis is busy with a script that does not end', 'Look into its log.'],
  CLUSTER,
  MOVED: CLUSTER,
  ASK: CLUSTER,
  CROSSSLOT: CLUSTER,
  CLUSTERDOWN: [
    'The cluster is down: some of its slots are served by no node',
    'Bring its nodes back, or give the slots to others; `redis-cli --cluster check` says which.',
  ],
  NOT_A_CLUSTER: ['This is one server and no cluster', 'Write redis:// in place of redis+cluster:// in REDIS_URL.'],
  CLUSTER_DB: ['A Redis in cluster mode has database 0 alone', 'Leave out the number at the end of REDIS_URL.'],
  NO_SUCH_DB: [
    'Redis has no database of that number',
    'Correct the number at the end of REDIS_URL; most have 0 to 15.',
  ],
  SENTINEL: [
    'REDIS_URL names a Sentinel, which keeps no data',
    'Write redis+sentinel://HOST/NAME, with the name of the primary that it watches.',
  ],
  NOT_A_SENTINEL: [
    'What answers there is a Redis server and no Sentinel',
    'Name the Sentinels in REDIS_URL (their port is mostly 26379), or write redis:// for the server.',
  ],
  NO_SUCH_PRIMARY: [
    'The Sentinels watch no primary of that name',
    'Correct the name behind the hosts in REDIS_URL; SENTINEL MASTERS lists them.',
  ],
}

/** Says what an error of the client means; the deepest cause that is known decides. */
export function redisFault(error: unknown): RedisFault {
  const { code, words } = codeOf(error)
  return faultOf(code, words)
}

/** Both sentences, with the code. */
export const sayRedisFault = ({ code, reason, mend }: RedisFault): string => `${reason} (${code}). ${mend}`

/**
 * The same of several errors, of which the first that is there counts; where it says nothing by itself, the address is
 * looked at. Never rejects.
 */
export async function explainServer(place: Place, errors: readonly unknown[]): Promise<RedisFault> {
  const fault = redisFault(errors.find((error) => error !== undefined))
  if (!isUnexplained(fault.code)) return fault
  const seen = await lookAtPort(place).catch(() => undefined)
  return seen === undefined ? fault : faultOf(seen)
}

/** By its code alone; `words` are Redis' own, without the code. */
export function faultOf(code: string, words?: string): RedisFault {
  const [reason, mend] = ROWS[code] ?? [words === undefined ? 'Redis does not answer' : 'Redis refuses', ADDRESS]
  const said = words === undefined || (ROWS[code] !== undefined && code !== 'NOPERM') ? '' : `: ${words}`
  return { code, reason: `${reason}${said}`, mend }
}

function codeOf(error: unknown): { code: string; words?: string } {
  let found: { code: string; words?: string } = { code: 'ETIMEDOUT' }
  for (let at = error; at instanceof Error; at = at.cause) {
    const reply = replyCode(at)
    const { code } = at as { code?: unknown }
    if (reply !== undefined) found = { code: numbered(reply, at.message), words: wordsOf(at.message) }
    else if (typeof code === 'string') found = { code }
  }
  return found
}

/** Redis has one code for all of these. */
function numbered(code: string, message: string): string {
  if (/SELECT is not allowed in cluster mode/i.test(message)) return 'CLUSTER_DB'
  return /(invalid )?DB index/i.test(message) ? 'NO_SUCH_DB' : code
}

/** Without the code before and the place in a script behind; cut, for a proxy may say anything. */
const wordsOf = (message: string): string =>
  message
    .replace(/^\S+\s*/, '')
    .split(/\bscript: |\n/, 1)[0]
    ?.slice(0, 200)
    .replace(/[\s.]+$/, '') ?? ''
