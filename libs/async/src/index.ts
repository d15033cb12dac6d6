/** The room for time: bounds, retries, concurrency and loops, the same for all parts. Knows nothing of what is done in it. */
export { createLimiter } from './create-limiter.ts'
export { createRounds, type Rounds } from './create-rounds.ts'
export { forEachLimited } from './for-each-limited.ts'
export { insist, type InsistOptions } from './insist.ts'
export { settledWithin } from './settled-within.ts'
export { unlessAborted } from './unless-aborted.ts'
