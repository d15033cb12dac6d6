/** Jobs of many models on all shards of a real cluster: what works as on one server, and what a move or a crash may do to it. */
import type { JobId } from '@millrace/contracts'
import { isUnavailable, probeRedis, type Queue, RedisWatch } from '@millrace/queue'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { newJob, openTestQueue, silent } from '../../support/open-test-queue.ts'
import { runJobs } from '../../support/run-jobs.ts'
import { slotOf, startCluster, type TestCluster, type TestNode } from '../../support/servers/redis-cluster.ts'
import { startRedis } from '../../support/servers/redis-server.ts'
import { until } from '../../support/until.ts'

let cluster: TestCluster
const closing: (() => unknown)[] = []

beforeAll(async () => {
  cluster = await startCluster()
})
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})
afterAll(() => cluster.stop())

function open(role: 'api' | 'worker'): Queue {
  const queue = openTestQueue(cluster.url, { role })
  closing.push(() => queue.close())
  return queue
}

async function openReady(role: 'api' | 'worker'): Promise<Queue> {
  const queue = open(role)
  await until('the cluster is there', () =>
    queue.health().then(
      ({ outages }) => outages?.length === 0,
      () => false,
    ),
  )
  return queue
}

const prefixOf = (id: string): string => `{mr:${id.slice(4, 12)}}:`

/** A model for each shard, by name. */
async function modelPerShard(name: string): Promise<Map<TestNode, string>> {
  const found = new Map<TestNode, string>()
  for (let n = 0; found.size < 3; n++) {
    const model = `${name}-${n}`
    const node = await cluster.holderOf(prefixOf(newJob({ model }).id))
    if (!found.has(node)) found.set(node, model)
  }
  return found
}

/** Has each job succeed; counts how often each was given out. */
function consume(queue: Queue, models: Iterable<string>): Map<JobId, number> {
  const ran = new Map<JobId, number>()
  for (const model of models) {
    const running = runJobs(queue, model, async (attempts, { id, fence }) => {
      ran.set(id, (ran.get(id) ?? 0) + 1)
      await attempts.succeed({ id, fence }, { output: { value: { inline: '1' }, files: [] }, runSeconds: 0 })
    })
    closing.push(() => running.close())
  }
  return ran
}

async function hasSucceeded(queue: Queue, id: JobId): Promise<boolean> {
  const read = await queue.jobs.get(id, { tenant: 'default' }).catch(() => undefined)
  return read?.outcome === 'found' && read.record.status === 'succeeded'
}

it('runs jobs of models on all shards, lists them together, and hears of their ends from any node', async () => {
  const [api, worker] = [await openReady('api'), open('worker')]
  const models = [...(await modelPerShard('spread')).values()]
  const ran = consume(worker, models)
  const jobs = Array.from({ length: 30 }, (_, n) => newJob({ model: models[n % 3] as string }))
  const ends = jobs.map(({ id }) => new Promise<void>((resolve) => void api.changes.onEnd(id, resolve)))
  await Promise.all(jobs.map((job) => api.jobs.submit(job)))
  await Promise.all(ends)
  await until('all have run', () => ran.size === 30)
  await until('all have ended', async () =>
    (await Promise.all(jobs.map(({ id }) => hasSucceeded(api, id)))).every(Boolean),
  )
  await api.models.list()
  const perModel = await Promise.all(
    models.map((model) => api.jobs.list({ tenant: 'default', filter: { model }, limit: 100 })),
  )
  expect(perModel.map(({ records }) => records.length)).toEqual([10, 10, 10])
})

it('runs each job once on nodes that have lost the functions of its scripts, and gives them these again', async () => {
  const [api, worker] = [await openReady('api'), open('worker')]
  const models = await modelPerShard('without')
  const ran = consume(worker, models.values())
  const runOnEach = async () => {
    const jobs = Array.from({ length: 15 }, (_, n) => newJob({ model: [...models.values()][n % 3] as string }))
    await Promise.all(jobs.map((job) => api.jobs.submit(job)))
    await until('all have run', () => jobs.every(({ id }) => ran.has(id)))
  }
  const have = async () => {
    const lists = await Promise.all([...models.keys()].map(({ raw }) => raw.function('LIST') as Promise<unknown[][]>))
    return lists.every((one) =>
      ['mr_jobs_submit', 'mr_handout_take'].every((name) => JSON.stringify(one).includes(name)),
    )
  }
  await runOnEach()
  await until('all nodes have them', have)
  await Promise.all([...models.keys()].slice(1).map(({ raw }) => raw.function('FLUSH')))
  await runOnEach()
  await until('all nodes have them again', have)
  expect([...ran.values()].every((times) => times === 1)).toBe(true)
})

it('follows a slot that moves to another node while jobs come, are given out and end', async () => {
  const [api, worker] = [await openReady('api'), open('worker')]
  const model = 'moving'
  const ran = consume(worker, [model])
  const submitted: JobId[] = []
  const slot = slotOf(prefixOf(newJob({ model }).id))
  const from = await cluster.holderOf(prefixOf(newJob({ model }).id))
  const to = cluster.nodes.slice(0, 3).find((node) => node !== from) as TestNode
  let isMoving = true
  const load = (async () => {
    while (isMoving || submitted.length < 20) {
      const job = newJob({ model })
      await api.jobs.submit(job)
      submitted.push(job.id)
    }
  })()
  await until('the first have run', () => ran.size > 5)
  await moveSlot(slot, from, to)
  isMoving = false
  await load
  await until('all have ended', async () =>
    (await Promise.all(submitted.map((id) => hasSucceeded(api, id)))).every(Boolean),
  )
  // The bell rings at the new place.
  const begun = performance.now()
  const last = newJob({ model })
  await api.jobs.submit(last)
  await until('the last was given out', () => ran.has(last.id))
  expect(performance.now() - begun).toBeLessThan(2500)
  expect([...ran.values()].every((times) => times === 1)).toBe(true)
})

/** As redis-cli does it: key by key, while both answer for it. */
async function moveSlot(slot: number, from: TestNode, to: TestNode): Promise<void> {
  await to.raw.cluster('SETSLOT', slot, 'IMPORTING', from.id)
  await from.raw.cluster('SETSLOT', slot, 'MIGRATING', to.id)
  for (;;) {
    const keys = await from.raw.cluster('GETKEYSINSLOT', slot, 100)
    if (keys.length === 0) break
    await from.raw.call('MIGRATE', '127.0.0.1', to.port, '', 0, 5000, 'KEYS', ...keys)
  }
  for (const node of [to, from]) await node.raw.cluster('SETSLOT', slot, 'NODE', to.id)
}

interface Load {
  accepted: Map<JobId, string>
  refused: number
  isOver: boolean
}

async function keepSubmitting(api: Queue, model: string, load: Load): Promise<void> {
  const isTaken = async (): Promise<boolean> => {
    const job = newJob({ model })
    try {
      await api.jobs.submit(job)
      load.accepted.set(job.id, model)
      return true
    } catch (error) {
      expect(isUnavailable(error)).toBe(true)
      load.refused++
      return load.isOver
    }
  }
  while (!load.isOver) await until('a job is taken', isTaken, { timeoutMs: 60_000 })
}

it('loses nothing that was replicated when a primary is killed under load, and the other shards go on', async () => {
  const [api, worker] = [await openReady('api'), open('worker')]
  const shards = await modelPerShard('killed')
  const [node, hit] = [...shards][0] as [TestNode, string]
  const others = [...shards.values()].filter((model) => model !== hit)
  const ran = consume(worker, shards.values())
  const accepted = new Map<JobId, string>()
  const load: Load = { accepted, refused: 0, isOver: false }
  const submits = [...shards.values()].map((model) => keepSubmitting(api, model, load))
  await until('jobs of all models have run', () =>
    [...shards.values()].every((model) => count(ran, accepted, model) > 5),
  )
  const replicated = await replicatedSoFar(node, accepted, hit)
  await node.kill('SIGKILL')
  const before = others.map((model) => count(accepted, accepted, model))
  await until('the other shards have taken more', () =>
    others.every((model, i) => count(accepted, accepted, model) > (before[i] ?? 0) + 20),
  )
  await until('a replica has taken its place', () => isBack(api), { timeoutMs: 20_000 })
  const after = accepted.size
  await until('the shard takes jobs again', () => [...accepted.values()].slice(after).includes(hit), {
    timeoutMs: 20_000,
  })
  load.isOver = true
  await Promise.all(submits)
  const safe = [...accepted].flatMap(([id, model]) => (model !== hit || replicated.has(id) ? [id] : []))
  await until(
    'all that was safe has ended well',
    async () => (await Promise.all(safe.map((id) => hasSucceeded(api, id)))).every(Boolean),
    {
      timeoutMs: 20_000,
    },
  )
  expect(load.refused).toBeGreaterThan(0)
  await node.restart()
})

it('tells a cluster from one server, in both directions, and a number of a database from none', async () => {
  const refusal = (url: string) =>
    probeRedis(url, 1500).then(
      ({ unsupported }) => unsupported?.code,
      ({ code }) => code,
    )
  const [{ port }] = cluster.nodes as [TestNode]
  expect(await refusal(`redis://127.0.0.1:${port}`)).toBe('CLUSTER')
  expect(await refusal(`rediss+cluster://127.0.0.1:${port}`)).toBe('NEEDS_PLAIN')
  expect(await refusal(`redis+cluster://someone:wrong@127.0.0.1:${port}`)).toBe('WRONGPASS')
  expect(await refusal('redis+cluster://127.0.0.1:1')).toBe('ECONNREFUSED')
  const one = await startRedis()
  closing.push(() => one.stop())
  expect(await refusal(one.url.replace('redis:', 'redis+cluster:'))).toBe('NOT_A_CLUSTER')
  expect(await refusal(`${one.url}/99`)).toBe('NO_SUCH_DB')
  // One node that is there is enough to find the others.
  const probe = await probeRedis(`redis://127.0.0.1:1,127.0.0.1:${port}`)
  expect(probe).toMatchObject({ shards: 3, faults: [], denied: [], outages: [] })
  expect(probe.advice.map(({ message }) => message)).toEqual([expect.stringContaining('min-replicas-to-write 0')])
})

it('says what a user may not do on one of the nodes', async () => {
  const rules = ['on', '>secret', '~*', '&*', '+@all']
  await Promise.all(cluster.nodes.map(({ raw }) => raw.call('ACL', 'SETUSER', 'half', 'reset', ...rules)))
  const url = cluster.url.replace('//', '//half:secret@')
  expect(await probeRedis(url)).toMatchObject({ denied: [] })
  const node = await cluster.holderOf(prefixOf(newJob().id))
  await node.raw.call('ACL', 'SETUSER', 'half', 'resetchannels', '-xadd')
  const { denied } = await probeRedis(url)
  expect(denied).toEqual([
    expect.stringMatching(/may not run XADD/),
    expect.stringMatching(/may not publish to mr:changes/),
  ])
})

it('names a shard that is away, takes jobs for all others, and has it back', async () => {
  const [api, worker] = [await openReady('api'), await openReady('worker')]
  const shards = await modelPerShard('away')
  // Not that of the names of all models: what a worker has to know of them it knows.
  const names = await cluster.holderOf('mr:models')
  const [node, hit] = [...shards].find(([one]) => one !== names) as [TestNode, string]
  const others = [...shards.values()].filter((model) => model !== hit)
  const ran = consume(worker, shards.values())
  const watch = watchOf(api)
  await watch.start()
  expect(watch.reasons).toEqual([])
  const gone = await shardOf(node)
  await Promise.all(gone.map((one) => one.kill('SIGKILL')))
  await until('readiness names the shard', async () => {
    await watch.start()
    return watch.reasons.some((reason) => /The shard at 127\.0\.0\.1:\d+ .* is away/.test(reason))
  })
  const port = Number(/The shard at 127\.0\.0\.1:(\d+)/.exec(watch.reasons.join())?.[1])
  expect(gone.map((one) => one.port)).toContain(port)
  const begun = performance.now()
  await expect(api.jobs.submit(newJob({ model: hit }))).rejects.toThrow('Redis is not available')
  expect(performance.now() - begun).toBeLessThan(2500)
  const jobs = others.map((model) => newJob({ model }))
  for (const job of jobs) await api.jobs.submit(job)
  await until('jobs of the others have run', () => jobs.every(({ id }) => ran.has(id)))
  await Promise.all(gone.map((one) => one.restart()))
  await until('the shard is back', () => isBack(api), { timeoutMs: 20_000 })
  const last = newJob({ model: hit })
  await until('it takes jobs', () =>
    api.jobs.submit(last).then(
      () => true,
      () => false,
    ),
  )
  await until('its worker goes on', () => ran.has(last.id))
})

/** A primary and its replicas. */
async function shardOf({ id }: TestNode): Promise<TestNode[]> {
  const said = await Promise.all(cluster.nodes.map((node) => node.raw.cluster('MYID').catch(() => undefined)))
  const alive = cluster.nodes.filter((_, i) => said[i] !== undefined)
  const lines = String(await (alive[0] as TestNode).raw.cluster('NODES')).split('\n')
  const theirs = lines
    .filter((line) => line.startsWith(id) || line.split(' ')[3] === id)
    .map((line) => line.slice(0, 40))
  return cluster.nodes.filter((node) => theirs.includes(node.id))
}

const count = (ids: Map<JobId, unknown>, of: Map<JobId, string>, model: string): number =>
  [...ids.keys()].filter((id) => of.get(id) === model).length

/** The jobs that the replica has by now: what was written before a write that it acknowledged. */
async function replicatedSoFar({ raw }: TestNode, accepted: Map<JobId, string>, model: string): Promise<Set<JobId>> {
  const ids = [...accepted].flatMap(([id, of]) => (of === model ? [id] : []))
  await raw.set(`${prefixOf(ids[0] ?? '')}mark`, '1', 'PX', 60_000)
  expect(await raw.wait(1, 5000)).toBe(1)
  return new Set(ids)
}

async function isBack(queue: Queue): Promise<boolean> {
  const health = await queue.health().catch(() => undefined)
  return health?.outages?.length === 0
}

function watchOf(queue: Queue): RedisWatch {
  const watch = new RedisWatch({
    ...{ ask: () => queue.health(), tryOut: () => queue.denied(), explain: (error) => queue.explain(error) },
    ...{ allowUnsafe: false, logger: silent, onUnsafe: () => undefined },
  })
  closing.push(() => watch.stop(0))
  return watch
}
