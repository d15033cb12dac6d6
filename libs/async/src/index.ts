/**
 * The package for time: starts and stops, loops, deadlines, retries, and limits on what runs at once. It knows nothing of
 * the work itself. All packages except the client may use it.
 */
export { type Bulkhead, createBulkhead } from './concurrency/create-bulkhead.ts'
export { createLimiter } from './concurrency/create-limiter.ts'
export { forEachLimited } from './concurrency/for-each-limited.ts'
export { type JoinOptions, WaitingLine } from './concurrency/waiting-line.ts'
export { atLatest, atLatestAwake } from './deadlines/at-latest.ts'
export { createBroadcast } from './deadlines/create-broadcast.ts'
export { insist, type InsistOptions } from './deadlines/insist.ts'
export { pause } from './deadlines/pause.ts'
export { settledWithin } from './deadlines/settled-within.ts'
export { type Deadline, DeadlineError, type DeadlineOptions, startDeadline } from './deadlines/start-deadline.ts'
export { startGrace } from './deadlines/start-grace.ts'
export { startTimer } from './deadlines/start-timer.ts'
export { unlessAborted } from './deadlines/unless-aborted.ts'
export { within } from './deadlines/within.ts'
export { createLifecycle, type LifecycleSteps } from './lifecycle/create-lifecycle.ts'
export { createLoop, type Loop, type LoopOptions } from './lifecycle/create-loop.ts'
export type { Lifecycle } from './lifecycle/lifecycle.ts'
export { WithLifecycle } from './lifecycle/with-lifecycle.ts'
