/** Decides beforehand, from the seed alone, what is submitted and what is broken when. Pure; run-chaos.ts carries it out. */
import type { ChaosOptions } from './chaos-options.ts'
import type { Random } from './seeded-random.ts'

export interface PlannedJob {
  n: number
  /** Milliseconds from the start of the run. */
  at: number
  /** What the model is asked. */
  input: { n: number; ms: number; bytes: number; poison: 'none' | 'runner' | 'worker' }
  /** Whether the client sends it a second time after it was accepted. */
  again: boolean
}

export interface PlannedFault {
  /** Milliseconds from the start of the run. */
  at: number
  kind: 'kill-worker' | 'kill-api' | 'freeze' | 'kill-redis'
}

const WORKER_SHARE = 0.8
const RESENT_SHARE = 0.03

/** Jobs at even times, poison spread among them. */
export function planJobs(options: ChaosOptions, random: Random): PlannedJob[] {
  const { jobs, poison, seconds, runMs, fileShare } = options
  const poisonAt = new Map<number, 'runner' | 'worker'>()
  for (let i = 0; i < poison * 2; i++) {
    poisonAt.set(Math.floor(((i + 0.5) * jobs) / (poison * 2)), i % 2 === 0 ? 'worker' : 'runner')
  }
  return Array.from({ length: jobs }, (_, n) => ({
    n,
    at: (n / jobs) * seconds * 1000,
    input: {
      n,
      ms: random.whole(...runMs),
      bytes: random.chance(fileShare) ? random.whole(1024, 8192) : 0,
      poison: poisonAt.get(n) ?? 'none',
    },
    again: random.chance(RESENT_SHARE),
  }))
}

/** Each kind spread evenly over the run, at random within its share of it, in order of time. */
export function planFaults(options: ChaosOptions, random: Random): PlannedFault[] {
  const span = options.seconds * 1000
  const spread = (kinds: readonly PlannedFault['kind'][], from: number, to: number): PlannedFault[] =>
    kinds.map((kind, i) => ({ kind, at: span * (from + ((to - from) * (i + random.between(0, 1))) / kinds.length) }))
  const workerKills = Math.round(options.kills * WORKER_SHARE)
  const kills = Array.from({ length: options.kills }, (_, i) => (i < workerKills ? 'kill-worker' : 'kill-api'))
  return [
    ...spread(random.shuffle(kills), 0.02, 1),
    ...spread(
      Array.from({ length: options.freezes }, () => 'freeze' as const),
      0.04,
      0.9,
    ),
    ...spread(
      Array.from({ length: options.redisKills }, () => 'kill-redis' as const),
      0.2,
      0.9,
    ),
  ].sort((a, b) => a.at - b.at)
}
