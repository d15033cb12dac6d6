/** How large a chaos run is. Each preset is a shape that has a purpose; main.ts and chaos.test.ts choose one. */
export interface ChaosOptions {
  seed: number
  jobs: number
  /** SIGKILLs, four fifths of them at workers, the others at the API. */
  kills: number
  /** Workers stopped for longer than their lock lasts, then woken. */
  freezes: number
  redisKills: number
  /** Jobs that kill their runner, and as many that kill their worker. */
  poison: number
  /** Over which submits and faults are spread when the machine keeps up; a slow one takes longer. */
  seconds: number
  workers: number
  apis: number
  /** What MILLRACE_LOCK_SECONDS is set to. */
  lockSeconds: number
  /** How long one run of the model takes: least and most, in milliseconds. */
  runMs: readonly [number, number]
  /** Of jobs whose output holds a file. */
  fileShare: number
}

const BASE = { workers: 4, apis: 2, lockSeconds: 4, runMs: [20, 60], fileShare: 0.3 } as const

export const PRESETS = {
  /** The figure that is published. */
  long: { ...BASE, jobs: 10_000, kills: 200, freezes: 20, redisKills: 3, poison: 5, seconds: 260 },
  /** Below two minutes on two idle cores. */
  short: { ...BASE, lockSeconds: 3, jobs: 3000, kills: 60, freezes: 5, redisKills: 1, poison: 1, seconds: 75 },
  /** Part of the test suite. */
  tiny: { ...BASE, workers: 3, jobs: 300, kills: 8, freezes: 1, redisKills: 1, poison: 1, seconds: 12 },
  /** Little but freezes, all runs long and with files: whatever lets a woken worker speak is seen here. */
  zombies: {
    ...BASE,
    ...{ jobs: 500, kills: 2, freezes: 10, redisKills: 0, poison: 0, seconds: 30 },
    ...{ lockSeconds: 3, runMs: [100, 300], fileShare: 1 },
  },
} as const satisfies Record<string, Omit<ChaosOptions, 'seed'>>
export type PresetName = keyof typeof PRESETS
