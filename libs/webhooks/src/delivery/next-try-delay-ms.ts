/** Decides when a webhook that failed is tried again. Called by the dispatcher after each try. */

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

/** The waits between tries that Standard Webhooks advises: ten tries within 75.6 hours. */
const WAITS = [5 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR]

/** How many tries a delivery gets before it is given up. The first try counts. */
export const WEBHOOK_TRIES = WAITS.length + 1

const LONGEST_ASKED = HOUR

export interface NextTry {
  /** Tries so far, at least 1. A deferral is not a try. */
  tries: number
  /** The wait that the receiver asked for, in seconds. More than an hour counts as an hour. */
  retryAfterSeconds?: number
  /** Default: Math.random. */
  random?: () => number
  /** Every wait is multiplied by this. With 0.001 a day takes 86 seconds. Default: 1. */
  timeScale?: number
}

/**
 * Milliseconds until the next try, or null when all tries are used up. Each wait is up to 20 % shorter or longer, so that
 * deliveries that failed together do not come back together. It is never shorter than the receiver asked for.
 */
export function nextTryDelayMs({
  tries,
  retryAfterSeconds = 0,
  random = Math.random,
  timeScale = 1,
}: NextTry): number | null {
  const wait = WAITS[tries - 1]
  if (wait === undefined) return null
  const spread = random()
  const asked = Math.min(retryAfterSeconds * SECOND, LONGEST_ASKED)
  return Math.round(Math.max(wait * (0.8 + 0.4 * spread), asked * (1 + 0.2 * spread)) * timeScale)
}
