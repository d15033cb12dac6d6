/** Decides beforehand, from the seed alone, what is submitted and what is broken when. Pure; run-chaos.ts carries it out. */
import type { ChaosOptions } from '../chaos-options.ts'
import type { Random } from './seeded-random.ts'

/** Of the chaos model. Workers of both run at once. */
export const CHAOS_VERSIONS = ['1.0.0', '2.0.0'] as const
export type ChaosVersion = (typeof CHAOS_VERSIONS)[number]
/** The one that answers several jobs in one call. */
export const BATCHING_VERSION = '2.0.0' satisfies ChaosVersion

/** Whose jobs wait for each other at one moment of the run; the API's own clients are the tenant `default`. */
export const TENANT_WEIGHTS = { anna: 1, bert: 2, cleo: 5 } as const
export type Tenant = keyof typeof TENANT_WEIGHTS
export const TENANTS = Object.keys(TENANT_WEIGHTS) as Tenant[]
/** What all that they submit is pinned to, so that it waits in one line. */
export const BACKLOG_VERSION = '1.0.0' satisfies ChaosVersion

export interface PlannedJob {
  n: number
  tenant: Tenant | 'default'
  /** Milliseconds from the start of the run. */
  at: number
  /** What the model is asked. */
  input: {
    n: number
    ms: number
    /** Into how many the time is divided; with more than one there is a checkpoint after each. */
    steps: number
    bytes: number
    pad: number
    poison: 'none' | 'runner' | 'worker'
  }
  /** What it is pinned to; null: it runs on any version with the contract that accepts it. */
  version: ChaosVersion | null
  /** Whether the client sends it a second time after it was accepted. */
  again: boolean
  /** When the client changes its mind: so long after that was accepted, or was first seen to run. */
  cancel: { after: 'accepted' | 'started'; ms: number } | null
}

export interface PlannedFault {
  /** Milliseconds from the start of the run. */
  at: number
  kind: 'kill-worker' | 'kill-api' | 'freeze' | 'drain' | 'kill-redis' | 'freeze-redis' | 'lose-replies' | 'fill-redis'
}

const WORKER_SHARE = 0.8
/** Every so many jobs there is one that makes checkpoints, in so many steps; and of those with long jobs one that takes long. */
const STEPPED_EVERY = 4
const STEPS = 5
const LONG_EVERY = 25
const LONG_STEP_MS = 100
const RESENT_SHARE = 0.03
/** Of jobs whose output is large, but small enough for Redis. */
const PADDED_SHARE = 0.3
/** Some of what is canceled is still to be accepted by a worker, some ends at that moment, some has ended. */
const CANCEL_MS = 200
const PINNED_SHARE = 0.6

/** Where among all jobs those of the tenants begin: behind a poison one and before the next, whatever the preset. */
const BACKLOG_AT = 0.51

/** Jobs at even times, poison spread among them; then all of the tenants at once, in place of as many others. */
export function planJobs(options: ChaosOptions, random: Random): PlannedJob[] {
  const { jobs, poison, seconds, runMs, fileShare, cancelShare } = options
  const poisonAt = new Map<number, 'runner' | 'worker'>()
  for (let i = 0; i < poison * 2; i++) {
    poisonAt.set(Math.floor(((i + 0.5) * jobs) / (poison * 2)), i % 2 === 0 ? 'worker' : 'runner')
  }
  const plain = Array.from(
    { length: jobs },
    (_, n): PlannedJob => ({
      n,
      tenant: 'default',
      at: (n / jobs) * seconds * 1000,
      input: {
        n,
        ...lengthOf(n, random.whole(...runMs), options),
        bytes: random.chance(fileShare) ? random.whole(1024, 8192) : 0,
        pad: random.chance(PADDED_SHARE) ? random.whole(2000, 25_000) : 0,
        poison: poisonAt.get(n) ?? 'none',
      },
      version: random.chance(PINNED_SHARE) ? random.pick(CHAOS_VERSIONS) : null,
      again: random.chance(RESENT_SHARE),
      cancel: random.chance(cancelShare) && !poisonAt.has(n) ? planCancel(random, runMs[1]) : null,
    }),
  )
  return plain.map((job) => asBacklog(job, options))
}

/** By the number alone, so that a seed means the same run for ever. */
function lengthOf(n: number, ms: number, { longMs }: ChaosOptions): Pick<PlannedJob['input'], 'ms' | 'steps'> {
  if (longMs > 0 && n % LONG_EVERY === 0) return { ms: longMs, steps: Math.ceil(longMs / LONG_STEP_MS) }
  return { ms, steps: n % STEPPED_EVERY === 1 ? STEPS : 1 }
}

/** The job as one of a tenant if it is among those; short, so that the backlog is worked off in time. */
function asBacklog(job: PlannedJob, { jobs, seconds, runMs, tenantJobs }: ChaosOptions): PlannedJob {
  const first = Math.ceil(jobs * BACKLOG_AT)
  const i = job.n - first
  if (i < 0 || i >= tenantJobs * TENANTS.length) return job
  return {
    ...job,
    tenant: TENANTS[i % TENANTS.length]!,
    at: (first / jobs) * seconds * 1000,
    input: { ...job.input, ms: runMs[0], steps: 1 },
    version: BACKLOG_VERSION,
    cancel: null,
  }
}

const planCancel = (random: Random, longestRunMs: number): PlannedJob['cancel'] =>
  random.chance(0.5)
    ? { after: 'accepted', ms: random.between(0, CANCEL_MS) }
    : { after: 'started', ms: random.between(0, longestRunMs * 1.5) }

/** Each kind spread evenly over the run, at random within its share of it, in order of time. */
export function planFaults(options: ChaosOptions, random: Random): PlannedFault[] {
  const span = options.seconds * 1000
  const spread = (kinds: readonly PlannedFault['kind'][], from: number, to: number): PlannedFault[] =>
    kinds.map((kind, i) => ({ kind, at: span * (from + ((to - from) * (i + random.between(0, 1))) / kinds.length) }))
  const workerKills = Math.round(options.kills * WORKER_SHARE)
  const kills = Array.from({ length: options.kills }, (_, i) => (i < workerKills ? 'kill-worker' : 'kill-api'))
  const many = (kind: PlannedFault['kind'], count: number) => Array.from({ length: count }, () => kind)
  return [
    ...spread(random.shuffle(kills), 0.02, 1),
    ...spread(many('freeze', options.freezes), 0.04, 0.9),
    ...spread(many('kill-redis', options.redisKills), 0.2, 0.9),
    ...spread(many('freeze-redis', options.redisFreezes), 0.1, 0.8),
    ...spread(many('lose-replies', options.losses), 0.05, 1),
    ...spread(many('drain', options.drains), 0.05, 0.95),
    // While there is still much to be submitted, however far behind a slow machine falls.
    ...spread(many('fill-redis', options.fills), 0.15, 0.4),
  ].sort((a, b) => a.at - b.at)
}
