/** How large a chaos run is, and on which kind of Redis. Each preset is a shape that has a purpose; main.ts and chaos.test.ts choose one. */
import type { RedisKind } from './faults/chaos-redis.ts'

export interface ChaosOptions {
  seed: number
  redis: RedisKind
  jobs: number
  /** SIGKILLs, four fifths of them at workers, the others at the API. */
  kills: number
  /** Workers stopped for longer than their lock lasts, then woken. */
  freezes: number
  redisKills: number
  /** Redis stopped for longer than most locks last, then woken. */
  redisFreezes: number
  /** Moments at which replies of Redis are lost with their connections; some replies each. */
  losses: number
  /** SIGTERMs at workers, which are to give back what they hold and end. */
  drains: number
  /** Of jobs that their client cancels at some moment. */
  cancelShare: number
  /** Jobs that each of three tenants submits at one moment, among all. */
  tenantJobs: number
  /** Jobs that kill their runner, and as many that kill their worker. */
  poison: number
  /** Over which submits and faults are spread when the machine keeps up; a slow one takes longer. */
  seconds: number
  workers: number
  apis: number
  /** What MILLRACE_LOCK_SECONDS is set to. */
  lockSeconds: number
  /** What MILLRACE_DRAIN_SECONDS is set to. */
  drainSeconds: number
  /** How long one run of the model takes: least and most, in milliseconds. */
  runMs: readonly [number, number]
  /** Every 25th job takes so long, in steps of 100 ms with a checkpoint after each; 0: none does. */
  longMs: number
  /** Of jobs whose output holds a file. */
  fileShare: number
  /** Times at which Redis is full, and then beyond its limit until everything that was accepted has ended. */
  fills: number
}

type Preset = Omit<ChaosOptions, 'seed' | 'redis'>

const BASE = {
  ...{ workers: 4, apis: 2, lockSeconds: 4, drainSeconds: 2, runMs: [20, 60], fileShare: 0.3 },
  ...{ redisFreezes: 0, losses: 0, drains: 0, fills: 0, cancelShare: 0.03, tenantJobs: 100, longMs: 0 },
} satisfies Partial<Preset>

export const PRESETS = {
  /** The figure that is published. */
  long: {
    ...BASE,
    ...{ jobs: 10_000, kills: 200, freezes: 20, redisKills: 3, poison: 5, seconds: 260 },
    ...{ redisFreezes: 2, losses: 20, drains: 10, fills: 3 },
  },
  /** Below two minutes on two idle cores. */
  short: {
    ...{ ...BASE, lockSeconds: 3, jobs: 3000, kills: 60, freezes: 5, redisKills: 1, poison: 1, seconds: 75 },
    ...{ redisFreezes: 1, losses: 6, drains: 3, fills: 1 },
  },
  /** Part of the test suite. */
  tiny: {
    ...{ ...BASE, workers: 3, jobs: 200, kills: 5, freezes: 1, redisKills: 1, poison: 1, seconds: 8 },
    ...{ losses: 2, drains: 1, fills: 1, tenantJobs: 24 },
  },
  /** Little but freezes, all runs long and with files: whatever lets a woken worker speak is seen here. */
  zombies: {
    ...BASE,
    ...{ jobs: 500, kills: 2, freezes: 10, redisKills: 0, poison: 0, seconds: 30 },
    ...{ lockSeconds: 3, runMs: [100, 300], fileShare: 1, tenantJobs: 40 },
  },
  /** Nothing that may cost a start: whatever is started again here, or blamed, is so without cause. */
  gentle: {
    ...BASE,
    ...{ jobs: 400, kills: 0, freezes: 0, redisKills: 0, poison: 0, seconds: 30, runMs: [100, 1500] },
    ...{
      workers: 6,
      fileShare: 0.5,
      redisFreezes: 2,
      losses: 40,
      drains: 8,
      fills: 2,
      cancelShare: 0.25,
      tenantJobs: 40,
    },
  },
  /**
   * A worker is asked to end every 20 s, as in an upgrade of one after the other: no job may fail or be blamed for it, and of what makes
   * checkpoints less than a twentieth may be done twice.
   */
  rolling: {
    ...BASE,
    ...{ jobs: 1500, kills: 0, freezes: 0, redisKills: 0, poison: 0, seconds: 300, runMs: [50, 500] },
    ...{ drains: 15, cancelShare: 0, longMs: 6000 },
  },
  /** The same, part of the test suite. */
  rollingTiny: {
    ...BASE,
    ...{ workers: 2, apis: 1, jobs: 100, tenantJobs: 10, kills: 0, freezes: 0, redisKills: 0, poison: 0, seconds: 6 },
    ...{ drains: 4, cancelShare: 0, longMs: 1500 },
  },
} satisfies Record<string, Preset>
export type PresetName = keyof typeof PRESETS

/** Nothing lies between the parts and a Redis of several servers, so no replies are lost there; a primary is killed twice at least. */
export function optionsFor(preset: PresetName, redis: RedisKind, seed: number): ChaosOptions {
  const options: Preset = PRESETS[preset]
  if (redis === 'server') return { ...options, redis, seed }
  return { ...options, redis, seed, losses: 0, redisKills: Math.max(2, options.redisKills) }
}
