/** Figures of what is known of the runs of a line. Part of script-constants.ts; RunTimes reads by them. */
const DAY_SECONDS = 86_400

/** How long the runs of a line took: counts by steps of their length. */
export const RUNS = {
  /** Steps in which a length doubles. */
  RUN_STEPS: 4,
  /** What one run counts, so that it is not forgotten when all counts are halved once. */
  RUN_WEIGHT: 16,
  /** What one step counts at most: 128 runs. */
  RUNS_FULL: 2048,
  /** They are forgotten when nothing new was learned for so long. */
  RUNS_KEPT_SECONDS: 90 * DAY_SECONDS,
} as const
