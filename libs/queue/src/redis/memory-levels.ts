/**
 * How full Redis may be before what stops: shares of its `maxmemory`. What was accepted must have room to end, so new work
 * stops first, far below the limit; all else then makes do with little. The scripts know them too (script-constants.ts): they
 * look at the memory themselves, so that nothing slips in between two looks of RedisWatch.
 */
export const MEMORY_LEVELS = {
  /** From here on Redis is spared: outputs go to the object store, and what jobs that have ended left is moved there. */
  crowded: 0.6,
  /** From here on submits are refused, and the logs of jobs are cut short. */
  full: 0.75,
  /** From here on the logs of running jobs are cut to next to nothing. */
  tight: 0.85,
} as const

/** Bytes that an output may have to stay in Redis while that is crowded; the promise of each job's submit covers them. */
export const SPARED_BYTES = 1024

/** Bytes of one job's log while Redis is full, and while it is tight. */
export const SHORT_LOG_BYTES = { full: 64 * 1024, tight: 8 * 1024 } as const

/** A log that weighs more goes to the object store when its job has ended, however much room there is. Bytes. */
export const LONG_LOG_BYTES = 16 * 1024
