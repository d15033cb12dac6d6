/** One chaos run: real processes, clients and a nemesis at once, then a look at what is left. Called by main.ts and a test. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openTestQueue } from '../support/open-test-queue.ts'
import { until } from '../support/until.ts'
import type { ChaosOptions } from './chaos-options.ts'
import { releaseNemesis } from './faults/nemesis.ts'
import { openRedisMemory } from './faults/redis-memory.ts'
import { tally } from './faults/tally.ts'
import { MindChangers } from './load/mind-changers.ts'
import { type PlannedFault, planFaults, type PlannedJob, planJobs } from './load/plan-chaos.ts'
import { type Random, seededRandom } from './load/seeded-random.ts'
import { submitAsTenants } from './load/submit-as-tenants.ts'
import { submitLoad, type SubmitLoadOptions } from './load/submit-load.ts'
import { RunNotes } from './run-notes.ts'
import { allReady, type Stage, startStage } from './start-stage.ts'
import type { Evidence, Offence } from './verdict/evidence.ts'
import { judge } from './verdict/judge.ts'
import { webhookPathOf } from './verdict/judge-webhooks.ts'
import { type Observer, openObserver } from './verdict/observer.ts'
import { readEvidence } from './verdict/read-evidence.ts'

export interface ChaosResult {
  offences: Offence[]
  evidence: Evidence
  seconds: number
  /** Where Redis' data, the objects, all logs and what was broken when are; deleted when nothing was wrong. */
  folder: string
}

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
  // In this order, so that a seed means the same run for ever.
  const jobs = planJobs(options, random)
  const faults = planFaults(options, random)
  const notes = new RunNotes()
  const stage = await startStage(options, { folder, closing, onEnd: (end) => notes.ends.push(end) })
  const { parts, receiver, objects } = stage
  const { onlooker } = stage.redis
  const observer = openObserver(onlooker, { accepted: notes.accepted, lockMs: options.lockSeconds * 1000 })
  closing.push(reportProgress(observer, notes, say))
  const minds = new MindChangers({
    apiUrls: urlsOf(stage),
    running: () => observer.running(),
    onCancel: (n, cancel) => notes.cancels.set(n, cancel),
  })
  const run: Run = { options, stage, notes, observer, minds, random, jobs, faults }
  await Promise.all([submitAll(run), breakAll(run)])
  say(`all is submitted and broken; waiting for what is open`)
  await waitForQuiet(observer)
  await minds.finish()
  await allReady(parts)
  // Asked, not killed: a worker that woke up late still cleans up after itself.
  await Promise.all(parts.map((part) => part.drain()))
  const left = await readEvidence({ redis: onlooker, objects, jobs, notes })
  return { ...left, webhooks: receiver.got, faults: notes.faults, ends: notes.ends }
}

/** What clients and nemesis need to know. */
interface Run {
  options: ChaosOptions
  stage: Stage
  notes: RunNotes
  observer: Observer
  minds: MindChangers
  random: Random
  jobs: readonly PlannedJob[]
  faults: readonly PlannedFault[]
}

const urlsOf = ({ parts }: Stage): string[] => parts.filter(({ role }) => role === 'api').map(({ url }) => url)

async function submitAll({ options, stage, notes, minds, jobs }: Run): Promise<void> {
  const clients: Pick<SubmitLoadOptions, 'startedMs' | 'onAccepted' | 'onFull'> = {
    startedMs: performance.now(),
    onAccepted: (n, accepted) => {
      if (notes.accept(n, accepted)) minds.accepted(jobs[n]!, accepted.id)
    },
    onFull: () => notes.refused++,
  }
  const queue = openTestQueue(stage.redis.url, { role: 'api', lockMs: options.lockSeconds * 1000 })
  const isOfApi = ({ tenant }: PlannedJob): boolean => tenant === 'default'
  await Promise.all([
    submitLoad({
      ...clients,
      jobs: jobs.filter(isOfApi),
      apiUrls: urlsOf(stage),
      webhookUrl: (n) => stage.receiver.url + webhookPathOf(n),
    }),
    submitAsTenants({ ...clients, jobs: jobs.filter((job) => !isOfApi(job)), intake: queue.jobs }),
  ]).finally(() => void queue.close())
}

function breakAll({ options, stage, notes, observer, random, jobs, faults }: Run): Promise<void> {
  const memory = openRedisMemory({
    redis: stage.redis.onlooker,
    refused: () => notes.refused,
    allAccepted: () => notes.accepted.size === jobs.length,
    open: () => observer.open(),
  })
  const dueBy = (at: number): number => (LEAST_ENDED * jobs.length * at) / (options.seconds * 1000)
  return releaseNemesis({
    ...{ faults, random, memory, parts: stage.parts, redis: stage.redis.server, proxy: stage.redis.proxy },
    lockMs: options.lockSeconds * 1000,
    mustSpare: () => observer.hasInnocentAtItsLastStart(),
    hasKeptUp: async (at) => (await observer.ended()) >= dueBy(at),
    onFault: (fault) => notes.faults.push(fault),
  })
}

/** Says now and then how far the run is; gives the way to stop that. */
function reportProgress(observer: Observer, { accepted, faults }: RunNotes, say: Setting['say']): () => void {
  const startedMs = performance.now()
  const report = async (): Promise<void> => {
    const seconds = Math.round((performance.now() - startedMs) / 1000)
    say(`${seconds} s: ${accepted.size} accepted, ${await observer.ended()} ended, ${tally(faults)}`)
  }
  const timer = setInterval(() => void report(), PROGRESS_MS)
  return () => clearInterval(timer)
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
