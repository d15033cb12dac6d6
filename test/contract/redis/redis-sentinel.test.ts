/** Jobs on a real primary that Sentinels watch: a failover under load, and what the address may get wrong. */
import type { JobId } from '@millrace/contracts'
import { isUnavailable, probeRedis, type Queue } from '@millrace/queue'
import { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { newJob, openTestQueue } from '../../support/open-test-queue.ts'
import { runJobs } from '../../support/run-jobs.ts'
import { startSentinels, type TestSentinels } from '../../support/servers/redis-sentinels.ts'
import type { TestRedis } from '../../support/servers/redis-server.ts'
import { until } from '../../support/until.ts'

const PASSWORD = 'p@ss/w:rd#1'

let set: TestSentinels
const closing: (() => unknown)[] = []

beforeAll(async () => {
  set = await startSentinels({
    extraArgs: ['--requirepass', PASSWORD, '--masterauth', PASSWORD],
    sentinelLines: [`sentinel auth-pass main ${PASSWORD}`, 'requirepass guarded', 'sentinel sentinel-pass guarded'],
    password: 'guarded',
  })
})
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})
afterAll(() => set.stop())

const urlOf = (login: string, query: string): string => set.url.replace('//', `//${login}@`) + query
const fine = (): string => urlOf(`:${encodeURIComponent(PASSWORD)}`, '?sentinel_password=guarded')

async function open(role: 'api' | 'worker'): Promise<Queue> {
  const queue = openTestQueue(fine(), { role })
  closing.push(() => queue.close())
  await until('the primary is there', () => answers(queue))
  return queue
}

const answers = (queue: Queue): Promise<boolean> =>
  queue.health().then(
    () => true,
    () => false,
  )

it('says what is wrong with the address, the passwords or the name', async () => {
  const login = `:${encodeURIComponent(PASSWORD)}`
  const refusal = (url: string) => probeRedis(url, 1500).then(String, (error: Error) => error.message)
  expect(await refusal(urlOf(login, ''))).toMatch(/asks for a password \(NOAUTH\)/)
  expect(await refusal(urlOf(login, '?sentinel_password=wrong'))).toMatch(/refuses this user or password \(WRONGPASS\)/)
  expect(await refusal(urlOf(':wrong', '?sentinel_password=guarded'))).toMatch(/password \(WRONGPASS\)/)
  expect(await refusal(fine().replace('/main?', '/other?'))).toMatch(/no primary of that name \(NO_SUCH_PRIMARY\)/)
  const { port } = await set.primary()
  const server = `redis+sentinel://${login}@127.0.0.1:${port}/main?sentinel_password=${encodeURIComponent(PASSWORD)}`
  expect(await refusal(server)).toMatch(/no Sentinel \(NOT_A_SENTINEL\)/)
  const replica = (
    await Promise.all(set.servers.map(async (one) => ((await set.primary()) === one ? [] : one)))
  ).flat()[0]
  const replicaUrl = `redis://${login}@127.0.0.1:${replica?.port}`
  await until('a replica is told', async () => /takes no writes \(READONLY\)/.test(await refusal(replicaUrl)), {
    timeoutMs: 20_000,
  })
  const [{ port: sentinel }] = set.sentinels as [TestRedis]
  expect(await refusal(`redis+cluster://:guarded@127.0.0.1:${sentinel}`)).toMatch(/names a Sentinel.*\(SENTINEL\)/)
  expect(await probeRedis(fine())).toMatchObject({ faults: [], denied: [] })
})

it('follows a failover under load, and loses nothing that was replicated', async () => {
  const [api, worker] = [await open('api'), await open('worker')]
  const ran = new Map<JobId, number>()
  const running = runJobs(worker, 'echo', async (attempts, { id, fence }) => {
    ran.set(id, (ran.get(id) ?? 0) + 1)
    await attempts.succeed({ id, fence }, { output: { value: { inline: '1' }, files: [] }, runSeconds: 0 })
  })
  closing.push(() => running.close())
  const accepted: JobId[] = []
  let refused = 0
  let isLoaded = true
  const isTaken = async (): Promise<boolean> => {
    const job = newJob()
    try {
      await api.jobs.submit(job)
      accepted.push(job.id)
      return true
    } catch (error) {
      expect(isUnavailable(error)).toBe(true)
      refused++
      return !isLoaded
    }
  }
  const load = (async () => {
    while (isLoaded) await until('a job is taken', isTaken, { timeoutMs: 60_000 })
  })()
  await until('jobs have run', () => ran.size > 10)
  const primary = await set.primary()
  const replicated = accepted.slice()
  await hasReplica(primary)
  await primary.kill('SIGKILL')
  await until('jobs are refused meanwhile', () => refused > 0)
  await until('another has taken its place', async () => (await set.primary()) !== primary, { timeoutMs: 20_000 })
  const before = accepted.length
  await until('it takes jobs', () => accepted.length > before + 10, { timeoutMs: 20_000 })
  isLoaded = false
  await load
  const safe = [...replicated, ...accepted.slice(before)]
  const succeeded = async (id: JobId) => {
    const read = await api.jobs.get(id, { tenant: 'default' })
    return read.outcome === 'found' && read.record.status === 'succeeded'
  }
  await until('all that was safe has ended well', async () => (await Promise.all(safe.map(succeeded))).every(Boolean), {
    timeoutMs: 20_000,
  })
  // Its bell and its hints are at the new place.
  const last = newJob()
  const ended = new Promise<void>((resolve) => void api.changes.onEnd(last.id, resolve))
  await api.jobs.submit(last)
  await ended
})

/** The replica has what was written before. */
async function hasReplica({ url }: TestRedis): Promise<void> {
  const raw = new Redis(url, { password: PASSWORD })
  await raw.set('mr:mark', '1', 'PX', 60_000)
  expect(await raw.wait(1, 5000)).toBe(1)
  raw.disconnect()
}
