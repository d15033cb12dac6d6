/**
 * What readiness says of a Redis that cannot be used, and what may not be done in it, told from real servers. What `doctor` says of
 * each kind of wrong Redis is in test/e2e/cli/doctor-redis.test.ts.
 */
import { openQueue, probeRedis, RedisProbeError, RedisWatch } from '@millrace/queue'
import { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { silent } from '../../support/open-test-queue.ts'
import { startRedis, type TestRedis } from '../../support/servers/redis-server.ts'
import { until } from '../../support/until.ts'

let redis: TestRedis
const closing: (() => unknown)[] = []

beforeAll(async () => {
  redis = await startRedis()
  const admin = new Redis(redis.url)
  const users = {
    locked: ['>secret', '~*', '&*', '+@all'],
    mute: ['>secret', '~*', '+@all'],
    stranger: ['>secret', '~other:*', '&*', '+@all'],
    blind: ['>secret', '~*', '&*', '+@all', '-info'],
    narrow: ['>secret', '~*', '&*', '+@all', '-xadd', '-blpop'],
    bound: ['>secret', '~{mr:*', '&mr:*', '+@all'],
    reader: ['>secret', '%R~*', '&*', '+@all'],
    scriptless: ['>secret', '~*', '&*', '+@all', '-eval', '-evalsha'],
    deaf: ['>secret', '~*', '&*', '+@all', '-subscribe'],
  }
  for (const [user, rules] of Object.entries(users)) {
    await admin.call('ACL', 'SETUSER', user, 'reset', 'on', ...rules)
  }
  admin.disconnect()
})
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})
afterAll(() => redis.stop())

const refusalOf = async (url: string): Promise<string> => {
  const refused = await probeRedis(url, 1500).catch((error: unknown) => error)
  if (!(refused instanceof RedisProbeError)) throw new Error(`${url} was not refused`)
  return refused.message
}

const urlOf = (user: string, password = 'secret') => `redis://${user}:${password}@127.0.0.1:${redis.port}`

it('takes one node in cluster mode, and refuses several', async () => {
  const nodes = await Promise.all([0, 1].map(() => startRedis({ extraArgs: ['--cluster-enabled', 'yes'] })))
  closing.push(...nodes.map((node) => () => node.stop()))
  const [one, two] = nodes.map((node) => new Redis(node.url)) as [Redis, Redis]
  closing.push(() => [one, two].map((client) => client.disconnect()))
  expect(await refusalOf(nodes[0]?.url ?? '')).toMatch(/cluster is down.*CLUSTERDOWN/)
  await one.cluster('ADDSLOTSRANGE', 0, 16_383)
  await until('the node serves all slots', async () => String(await one.cluster('INFO')).includes('cluster_state:ok'))
  expect(await probeRedis(nodes[0]?.url ?? '')).toMatchObject({ faults: [], denied: [] })

  await one.cluster('DELSLOTSRANGE', 9000, 16_383)
  await two.cluster('ADDSLOTSRANGE', 9000, 16_383)
  await two.cluster('SET-CONFIG-EPOCH', 2)
  await one.cluster('MEET', '127.0.0.1', nodes[1]?.port ?? 0)
  const url = nodes[0]?.url ?? ''
  await until('the nodes know each other', async () => String(await one.cluster('INFO')).includes('cluster_size:2'))
  expect((await probeRedis(url)).unsupported).toMatchObject({ code: 'CLUSTER', reason: /several nodes/ })

  const told: unknown[] = []
  const queue = openQueue({ ...queueOptions, url })
  closing.push(() => queue.close())
  const watch = new RedisWatch({
    ...{ ask: () => queue.health(), allowUnsafe: true, logger: silent },
    onUnsafe: (faults, unsupported) => told.push([faults, unsupported]),
  })
  closing.push(() => watch.stop(0))
  await until('the watch refuses it', async () => {
    await watch.start()
    return told.length > 0
  })
  expect(told[0]).toEqual([[expect.stringContaining('Redis Cluster')], true])
  expect(watch.reasons).toEqual([expect.stringContaining('Redis Cluster')])
})

const queueOptions = {
  role: 'api',
  logger: silent,
  limits: { tenantJobs: 10, modelJobs: 10, retentionSeconds: 60 },
  lockMs: 2000,
} as const

it.each([
  ['mute', [/may not publish to mr:changes, mr:cancels, mr:events:probe/, /may not subscribe/]],
  ['stranger', [/keys that begin with mr:/, /keys that begin with \{mr:/]],
  ['narrow', [/may not run BLPOP/, /may not run XADD/]],
  ['bound', [/keys that begin with mr:/]],
  ['reader', [/keys that begin with mr:/, /keys that begin with \{mr:/]],
  ['scriptless', [/may not run scripts/]],
  ['deaf', [/may not subscribe/]],
])('says what the user %s may not do, in the probe and in readiness', async (user, faults) => {
  const { denied } = await probeRedis(urlOf(user))
  expect(denied).toEqual(faults.map((fault) => expect.stringMatching(fault)))

  const queue = openQueue({ ...queueOptions, url: urlOf(user) })
  closing.push(() => queue.close())
  const watch = new RedisWatch({
    ...{ ask: () => queue.health(), tryOut: () => queue.denied(), explain: (error) => queue.explain(error) },
    ...{ allowUnsafe: false, logger: silent, onUnsafe: () => {} },
  })
  await until('the connections stand', async () => (await queue.denied().catch(() => [])).length === faults.length)
  await watch.start()
  closing.push(() => watch.stop(0))
  expect(watch.reasons).toEqual(denied)
})

it("says Redis' own words of a user who may not run INFO", async () => {
  expect(await refusalOf(urlOf('blind'))).toMatch(
    /may not do what is needed: .*'info'.* \(NOPERM\)\. .*docs\/deploy\.md/,
  )
})

it('says why Redis cannot be used in readiness too, not only that', async () => {
  const queue = openQueue({ ...queueOptions, url: urlOf('locked', 'wrong') })
  closing.push(() => queue.close())
  const said: object[] = []
  const logger = { ...silent, error: (fields: object) => void said.push(fields) }
  const watch = new RedisWatch({
    ...{ ask: () => queue.health(), tryOut: () => queue.denied(), explain: (error) => queue.explain(error) },
    ...{ allowUnsafe: false, logger, onUnsafe: () => {} },
  })
  closing.push(() => watch.stop(0))
  await watch.start()
  await until('the refusal is told', () => watch.reasons.some((reason) => reason.includes('WRONGPASS')))
  expect(JSON.stringify(said)).not.toContain('wrong')
})
