/** One chaos run: real processes, clients and a nemesis at once, then a look at what is left. Called by main.ts and a test. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Redis } from 'ioredis'
import { freePort, startRedis } from '../support/servers/redis-server.ts'
import { until } from '../support/until.ts'
import { startWebhookReceiver } from '../support/servers/webhook-receiver.ts'
import type { ChaosOptions } from './chaos-options.ts'
import type { Evidence, Offence } from './verdict/evidence.ts'
import { judge } from './verdict/judge.ts'
import { webhookPathOf } from './verdict/judge-webhooks.ts'
import { type Cancel, MindChangers } from './load/mind-changers.ts'
import { type Fault, releaseNemesis, REPLIES_LOST } from './faults/nemesis.ts'
import { type Observer, openObserver } from './verdict/observer.ts'
import { planFaults, planJobs } from './load/plan-chaos.ts'
import { readEvidence } from './verdict/read-evidence.ts'
import { openRedisMemory } from './faults/redis-memory.ts'
import { startRedisProxy } from './faults/redis-proxy.ts'
import { seededRandom } from './load/seeded-random.ts'
import { submitLoad } from './load/submit-load.ts'
import { type PartEnd, type SupervisedPart, superviseNew } from './faults/supervised-part.ts'

export interface ChaosResult {
  offences: Offence[]
  evidence: Evidence
  seconds: number
  /** Where Redis' data, the objects, all logs and what was broken when are; deleted when nothing was wrong. */
  folder: string
}

const MODEL = fileURLToPath(new URL('../models/chaos', import.meta.url))
const SETTLE_MS = 60_000
/** A webhook that was refused, and whose second try a busy machine was too slow for, is due again after five minutes. */
const THIRD_TRY_MS = 400_000
const PROGRESS_MS = 10_000
/** Of the jobs that were to be submitted by then. */
const LEAST_ENDED = 0.5

/** `say` gets a line now and then. Rejects when the run itself cannot go on; what the house did wrong are offences. */
export async function runChaos(options: ChaosOptions, say: (line: string) => void): Promise<ChaosResult> {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-chaos-'))
  const closing: (() => unknown)[] = []
  const startedMs = performance.now()
  try {
    const evidence = await carryOut(options, { folder, say, closing })
    const offences = judge(evidence)
    if (offences.length === 0) rmSync(folder, { recursive: true, force: true })
    else writeFileSync(join(folder, 'faults.json'), JSON.stringify(evidence.faults, null, 1))
    return { offences, evidence, folder, seconds: (performance.now() - startedMs) / 1000 }
  } finally {
    for (const close of closing.reverse()) await close()
  }
}

interface Setting {
  folder: string
  say(line: string): void
  /** Ways to end what was started, last first. */
  closing: (() => unknown)[]
}

async function carryOut(options: ChaosOptions, { folder, say, closing }: Setting): Promise<Evidence> {
  const random = seededRandom(options.seed)
  const jobs = planJobs(options, random)
  const planned = planFaults(options, random)
  const faults: Fault[] = []
  const ends: PartEnd[] = []
  const accepted = new Map<number, string[]>()
  const cancels = new Map<number, Cancel>()
  let refused = 0

  const redisDir = join(folder, 'redis')
  mkdirSync(redisDir)
  const redis = await startRedis({ dir: redisDir })
  closing.push(() => redis.stop())
  const proxy = await startRedisProxy(redis.port)
  closing.push(() => proxy.close())
  const raw = new Redis(redis.url, { maxRetriesPerRequest: null })
  // It is killed on purpose; the client connects again.
  raw.on('error', () => {})
  closing.push(() => raw.disconnect())
  const receiver = await startWebhookReceiver()
  closing.push(() => receiver.close())
  refuseSome(receiver)
  const parts = await startParts(options, { redisUrl: proxy.url, folder, onEnd: (end) => ends.push(end) })
  closing.push(() => Promise.all(parts.map((part) => part.stop())))
  await allReady(parts)

  const observer = openObserver(raw, { accepted, lockMs: options.lockSeconds * 1000 })
  const startedMs = performance.now()
  const progress = setInterval(() => {
    const seconds = Math.round((performance.now() - startedMs) / 1000)
    void observer
      .ended()
      .then((ended) => say(`${seconds} s: ${accepted.size} accepted, ${ended} ended, ${tally(faults)}`))
  }, PROGRESS_MS)
  closing.push(() => clearInterval(progress))
  const apiUrls = parts.filter(({ role }) => role === 'api').map(({ url }) => url)
  const minds = new MindChangers({
    apiUrls,
    running: () => observer.running(),
    onCancel: (n, cancel) => cancels.set(n, cancel),
  })
  await Promise.all([
    submitLoad({
      ...{ jobs, apiUrls, startedMs },
      webhookUrl: (n) => receiver.url + webhookPathOf(n),
      onAccepted: (n, id) => {
        if (!accepted.has(n)) minds.accepted(jobs[n]!, id)
        accepted.set(n, [...(accepted.get(n) ?? []), id])
      },
      onFull: () => refused++,
    }),
    releaseNemesis({
      ...{ faults: planned, random, parts, redis, proxy, lockMs: options.lockSeconds * 1000 },
      mustSpare: () => observer.hasInnocentAtItsLastStart(),
      hasKeptUp: async (at) => (await observer.ended()) >= (LEAST_ENDED * jobs.length * at) / (options.seconds * 1000),
      onFault: (fault) => faults.push(fault),
      memory: openRedisMemory({
        redis: raw,
        refused: () => refused,
        allAccepted: () => accepted.size === jobs.length,
        open: () => observer.open(),
      }),
    }),
  ])
  say(`all is submitted and broken; waiting for what is open`)
  await waitForQuiet(observer)
  await minds.finish()
  await allReady(parts)
  // Asked, not killed: a worker that woke up late still cleans up after itself.
  await Promise.all(parts.map((part) => part.drain()))
  const left = await readEvidence({ redis: raw, objects: join(folder, 'data', 'files'), jobs, accepted, cancels })
  return { ...left, webhooks: receiver.got, faults, ends }
}

/** A slow machine may have much left; only a minute in which no job ends is too long. The judge names what is left then. */
async function waitForQuiet(observer: Observer): Promise<void> {
  const isQuietWithin = (timeoutMs: number): Promise<boolean> =>
    until('nothing is open', () => observer.isQuiet(), { timeoutMs, everyMs: 200 }).catch(() => false)
  let before = -1
  let ended = await observer.ended()
  while (ended > before) {
    if (await isQuietWithin(SETTLE_MS)) return
    before = ended
    ended = await observer.ended()
  }
  await isQuietWithin(THIRD_TRY_MS)
}

/** One in thirty jobs is told of in vain the first time. */
function refuseSome(receiver: Awaited<ReturnType<typeof startWebhookReceiver>>): void {
  const refused = new Set<string>()
  receiver.answer = ({ path }) => {
    if (!path.endsWith('7') || Number(path.split('/').at(-1)) % 3 > 0 || refused.has(path)) return 204
    refused.add(path)
    return 503
  }
}

interface PartsSetting {
  redisUrl: string
  folder: string
  onEnd(end: PartEnd): void
}

async function startParts(options: ChaosOptions, { redisUrl, folder, onEnd }: PartsSetting): Promise<SupervisedPart[]> {
  const env = {
    REDIS_URL: redisUrl,
    MILLRACE_DATA_DIR: join(folder, 'data'),
    MILLRACE_MODELS: MODEL,
    MILLRACE_LOCK_SECONDS: String(options.lockSeconds),
    MILLRACE_DRAIN_SECONDS: String(options.drainSeconds),
    MILLRACE_WEBHOOK_ALLOW_HOSTS: '127.0.0.1',
  }
  const roles = [...Array<'api'>(options.apis).fill('api'), ...Array<'worker'>(options.workers).fill('worker')]
  const ports: number[] = []
  for (const _ of roles) ports.push(await freePort())
  return roles.map((role, i) => {
    const name = `${role}-${i + 1}`
    return superviseNew({ name, role, port: ports[i]!, env, logFile: join(folder, `${name}.log`), onEnd })
  })
}

const allReady = (parts: readonly SupervisedPart[]): Promise<boolean> =>
  until('all parts are ready', async () => (await Promise.all(parts.map((part) => part.isReady()))).every(Boolean), {
    timeoutMs: 180_000,
    everyMs: 100,
  })

/** `60 SIGKILLs, 5 freezes, 1 Redis kills, …`: what was really done. */
export function tally(faults: readonly Fault[]): string {
  const count = (...kinds: Fault['kind'][]): number => faults.filter(({ kind }) => kinds.includes(kind)).length
  return [
    `${count('kill-worker', 'kill-api')} SIGKILLs`,
    `${count('freeze')} freezes`,
    `${count('kill-redis')} Redis kills`,
    `${count('freeze-redis')} Redis freezes`,
    `${count('lose-replies') * REPLIES_LOST} replies lost`,
    `${count('drain')} drains`,
    `${count('fill-redis')} times a full Redis`,
  ].join(', ')
}
