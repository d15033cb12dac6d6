/** Figures of what is known of each minute of a model. Part of script-constants.ts; RedisModelMinutes reads by them. */
import { STATS_MINUTES } from '@millrace/contracts'

const DAY_MS = 86_400_000

/** What is known of each minute of a model. */
export const MINUTES = {
  /** Steps in which a length doubles. */
  MINUTE_STEPS: 3,
  /** One field holds a sum of lengths times this, and how many there were. */
  MINUTE_COUNTS: 2 ** 20,
  /** A sum in one script that is written at once: above it Lua would soon lose digits. */
  MINUTE_FULL: 2 ** 51,
  /** Longer ones are counted as so long: more than a training may take. */
  LONGEST_NOTED_MS: 8 * DAY_MS,
  MINUTE_KEPT_SECONDS: (STATS_MINUTES + 2) * 60,
} as const
