/** `millrace doctor` against real servers that are set up in each of the usual wrong ways: what it says of them, and how to mend it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { runCli } from '../../../apps/cli/src/run-cli.ts'
import { LOOPBACK_CERTIFICATE, LOOPBACK_KEY } from '../../support/servers/loopback-certificate.ts'
import { startCluster, type TestCluster } from '../../support/servers/redis-cluster.ts'
import { freePort, startRedis, type TestRedis } from '../../support/servers/redis-server.ts'

interface Finding {
  check: string
  status: 'ok' | 'warn' | 'fail'
  message: string
  mend?: string
}

const WELL = { appendonly: 'yes', 'maxmemory-policy': 'noeviction', maxmemory: '1gb', requirepass: '' }
/** Users by the rules that they have, as people write them. */
const USERS = {
  natural: ['~*', '+@all'],
  stranger: ['~other:*', '&*', '+@all'],
  careful: ['~*', '&*', '+@all', '-@dangerous'],
  narrow: ['~*', '&*', '+@all', '-xadd', '-blpop'],
  old: ['~*', '&*', '+@all', '-fcall'],
}

let folder: string
let redis: TestRedis
let admin: Redis
let tlsPort: number
let sentinel: TestRedis
let cluster: TestCluster
const closing: (() => unknown)[] = []

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-doctor-'))
  closing.push(() => rmSync(folder, { recursive: true }))
  const file = (name: string, text: string) => (writeFileSync(join(folder, name), text), join(folder, name))
  const [cert, key] = [file('cert.pem', LOOPBACK_CERTIFICATE), file('key.pem', LOOPBACK_KEY)]
  const [securePort, sentinelPort] = [await freePort(), await freePort()]
  tlsPort = securePort
  const tls = ['--tls-port', `${tlsPort}`, '--tls-cert-file', cert, '--tls-key-file', key]
  const watching = `port ${sentinelPort}\nbind 127.0.0.1\nsentinel monitor main 127.0.0.1 ${sentinelPort} 1\n`
  const config = file('sentinel.conf', watching)
  ;[redis, sentinel, cluster] = await Promise.all([
    startRedis({ extraArgs: [...tls, '--tls-ca-cert-file', cert, '--tls-auth-clients', 'no'] }),
    startRedis({ port: sentinelPort, dir: folder, args: [config, '--sentinel'] }),
    startCluster({ primaries: 2, replicas: 0 }),
  ])
  admin = new Redis(redis.url)
  closing.push(...[redis, sentinel, cluster].map((one) => () => one.stop()), () => admin.disconnect())
  for (const [user, rules] of Object.entries(USERS)) {
    await admin.call('ACL', 'SETUSER', user, 'reset', 'on', '>secret', ...rules)
  }
}, 60_000)
afterAll(async () => {
  for (const close of closing.reverse()) await close()
})
beforeEach(async () => {
  await admin.replicaof('NO', 'ONE')
  for (const [name, value] of Object.entries(WELL)) await admin.config('SET', name, value)
})

/** What the command prints of Redis, and with which code it ends. */
async function doctor(url: string): Promise<{ code: number; findings: Finding[] }> {
  const printed = vi.spyOn(console, 'log').mockImplementation(() => undefined)
  try {
    const env = { REDIS_URL: url, MILLRACE_DATA_DIR: folder, MILLRACE_PORT: '0', PATH: process.env.PATH }
    const code = await runCli(['doctor', '--json', '--role', 'api'], env)
    const { findings } = JSON.parse(String(printed.mock.lastCall?.at(-1))) as { findings: Finding[] }
    return { code, findings: findings.filter(({ check }) => check === 'redis') }
  } finally {
    printed.mockRestore()
  }
}

const urlOf = (user: string, password = 'secret') => `redis://${user}:${password}@127.0.0.1:${redis.port}`
const set = (name: string, value: string) => async () => (await admin.config('SET', name, value), redis.url)

/** A port that does this with whoever comes. */
async function listening(serve: (socket: Socket) => unknown): Promise<string> {
  const server = createServer((socket) => void serve(socket.on('error', () => socket.destroy())))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => server.close())
  return `redis://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const saying = (words: string) => () => listening((socket) => socket.resume().end(words))
/** The same server, which says that it is of another version. */
const aged = () =>
  listening((socket) => {
    const real = connect(redis.port, '127.0.0.1').on('error', () => socket.destroy())
    socket.pipe(real)
    real.on('data', (bytes) =>
      socket.write(Buffer.from(bytes.toString('latin1').replace(/(redis_version:)\d/, '$15'), 'latin1')),
    )
    socket.on('close', () => real.destroy())
  })

const replica = async () => {
  await admin.replicaof('127.0.0.1', await freePort())
  return redis.url
}

interface Wrong {
  what: string
  url: () => string | Promise<string>
  says: RegExp
  mend: RegExp
}

const WRONG: Wrong[] = [
  {
    what: 'that nobody started',
    url: () => 'redis://127.0.0.1:1',
    says: /^Redis at redis:\/\/127\.0\.0\.1:1 does not answer \(ECONNREFUSED\)\.$/,
    mend: /^Start it, or correct REDIS_URL\.$/,
  },
  {
    what: 'on a host that nobody knows',
    url: () => 'redis://redis.invalid:6379',
    says: /^The host of Redis is not known.* \((ENOTFOUND|EAI_AGAIN)\)\.$/,
    mend: /^Correct the host in REDIS_URL/,
  },
  {
    what: 'in protected mode',
    url: saying('-DENIED Redis is running in protected mode because protected mode is enabled.\r\n'),
    says: /is in protected mode.* \(DENIED\)/,
    mend: /^Set a password for it/,
  },
  {
    what: 'that is none',
    url: saying('HTTP/1.1 400 Bad Request\r\n\r\n'),
    says: /^What answers there is not Redis.* \(NOT_REDIS\)/,
    mend: /^Correct host and port/,
  },
  { what: 'that is too old', url: aged, says: /^Redis 5\.0\.\d+ is too old: use 6\.2 or newer\.$/, mend: /\w/ },
  {
    what: 'that wants a password',
    url: set('requirepass', 'secret'),
    says: /asks for a password \(NOAUTH\)/,
    mend: /^Put user and password into REDIS_URL/,
  },
  {
    what: 'that refuses the password',
    url: () => urlOf('natural', 'wrong'),
    says: /refuses this user or password \(WRONGPASS\)/,
    mend: /^Correct them in REDIS_URL/,
  },
  {
    what: 'whose user has no channels, as is usual since version 7',
    url: () => urlOf('natural'),
    says: /^The user of REDIS_URL may not publish to mr:changes/,
    mend: /rights that docs\/deploy\.md lists/,
  },
  {
    what: 'whose user has other keys',
    url: () => urlOf('stranger'),
    says: /may not use keys that begin with \{mr:/,
    mend: /rights that docs\/deploy\.md lists/,
  },
  {
    what: 'whose user may not ask INFO',
    url: () => urlOf('careful'),
    says: /may not do what is needed: .*'info'.*\(NOPERM\)/,
    mend: /rights that docs\/deploy\.md lists/,
  },
  {
    what: 'whose user lacks commands',
    url: () => urlOf('narrow'),
    says: /^The user of REDIS_URL may not run XADD\.$/,
    mend: /rights that docs\/deploy\.md lists/,
  },
  {
    what: 'on whose port TLS is spoken',
    url: () => `redis://127.0.0.1:${tlsPort}`,
    says: /speaks TLS on this port \(NEEDS_TLS\)/,
    mend: /^Write rediss:/,
  },
  {
    what: 'that speaks no TLS',
    url: () => redis.url.replace('redis:', 'rediss:'),
    says: /does not speak TLS on this port/,
    mend: /^Write redis:\/\/ instead of rediss:/,
  },
  {
    what: 'whose certificate nobody knows',
    url: () => `rediss://127.0.0.1:${tlsPort}`,
    says: /signed by an authority that is not known here/,
    mend: /^Set NODE_EXTRA_CA_CERTS/,
  },
  {
    what: 'that is a Sentinel',
    url: () => sentinel.url,
    says: /^REDIS_URL names a Sentinel, which keeps no data.*\(SENTINEL\)/,
    mend: /^Write redis\+sentinel:/,
  },
  {
    what: 'that is named as a Sentinel and is none',
    url: () => `redis+sentinel://127.0.0.1:${redis.port}/main`,
    says: /no Sentinel.*\(NOT_A_SENTINEL\)/,
    mend: /^Name the Sentinels in REDIS_URL/,
  },
  {
    what: 'that is a cluster, named as one server',
    url: () => `redis://127.0.0.1:${cluster.nodes[0]?.port}`,
    says: /^This is a Redis Cluster of several nodes.*\(CLUSTER\)/,
    mend: /^Write redis\+cluster:/,
  },
  {
    what: 'that is one server, named as a cluster',
    url: () => redis.url.replace('redis:', 'redis+cluster:'),
    says: /^This is one server and no cluster.*\(NOT_A_CLUSTER\)/,
    mend: /^Write redis:\/\/ in place of redis\+cluster:/,
  },
  {
    what: 'without a database of that number',
    url: () => `${redis.url}/99`,
    says: /has no database of that number.*\(NO_SUCH_DB\)/,
    mend: /^Correct the number/,
  },
  {
    what: 'that is a replica',
    url: replica,
    says: /is a replica that takes no writes.* \(READONLY\)/,
    mend: /^Name the primary in REDIS_URL\.$/,
  },
  {
    what: 'that keeps nothing on disk',
    url: set('appendonly', 'no'),
    says: /^The append-only file is off.*: set "appendonly yes"\.$/,
    mend: /^Change redis\.conf/,
  },
  {
    what: 'that drops keys when it is full',
    url: set('maxmemory-policy', 'allkeys-lru'),
    says: /^maxmemory-policy is allkeys-lru, so Redis may drop jobs: set "maxmemory-policy noeviction"\.$/,
    mend: /^Change redis\.conf/,
  },
  {
    what: 'that is full',
    url: set('maxmemory', '100kb'),
    says: /^Redis is full, \d+ % of its maxmemory are used: submits are refused/,
    mend: /^Raise maxmemory/,
  },
]

it('finds nothing wrong with a Redis that is set up well, be it a cluster', async () => {
  const well = await doctor(redis.url)
  expect(well).toMatchObject({ code: 0, findings: [{ status: 'ok', message: /answers at/ }] })
  await Promise.all(
    cluster.nodes.map(async ({ raw }) => {
      await raw.config('SET', 'maxmemory', '1gb')
    }),
  )
  const { code, findings } = await doctor(cluster.url)
  expect(code).toBe(0)
  expect(findings[0]?.message).toMatch(/a cluster of 2 shards/)
  // What would make it safer: it has no replica.
  expect(findings.slice(1).every(({ status }) => status === 'warn')).toBe(true)
})

it.each(WRONG)('says what is wrong with a Redis $what', async ({ url, says, mend }) => {
  const { code, findings } = await doctor(await url())
  const failed = findings.filter(({ status }) => status === 'fail')
  expect(code).toBe(1)
  expect(failed.map(({ message }) => message)).toContainEqual(expect.stringMatching(says))
  expect(failed.find(({ message }) => says.test(message))?.mend).toMatch(mend)
})

it('says of a user without functions what that costs, and goes on', async () => {
  const { code, findings } = await doctor(urlOf('old'))
  expect({ code, findings: findings.map(({ status, message }) => `${status} ${message}`) }).toEqual({
    code: 0,
    findings: [
      expect.stringMatching(/^ok /),
      expect.stringMatching(/^warn The user of REDIS_URL may not use functions/),
    ],
  })
})

it('says of a Redis without a limit that the system may kill it, and goes on', async () => {
  await admin.config('SET', 'maxmemory', '0')
  const { code, findings } = await doctor(redis.url)
  expect({ code, findings: findings.map(({ status, message }) => `${status} ${message}`) }).toEqual({
    code: 0,
    findings: [expect.stringMatching(/^ok /), expect.stringMatching(/^warn Redis has no maxmemory/)],
  })
})
