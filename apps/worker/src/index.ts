/** The front door of the worker: startWorker for the CLI, and its parts for tests that start one alone. */
export type { AttemptEnd } from './attempt/attempt-deps.ts'
export type { AuthorEvents, ModelEvents } from './author-events.ts'
export { ATTEMPT_PACE, type AttemptPace } from './attempt/attempt-deps.ts'
export {
  createWorker,
  type ModelStatus,
  type Worker,
  type WorkerDeps,
} from './serving/create-worker.ts'
export type { CreateConsumer } from './serving/model/consumer-source.ts'
export { ModelNameTaken } from './serving/model-names.ts'
export { Reconciler, type ReconcilerDeps, type ReconcilerStore } from './upkeep/reconciler.ts'
export { SWEEP_PACE, Sweeper, type SweeperDeps, type SweepPace } from './upkeep/sweeper.ts'
export { createWebhooks, type Webhooks, type WebhooksOptions } from './webhooks/create-webhooks.ts'
export { type StartedWorker, type StartWorkerOptions, startWorker } from './start-worker.ts'
export { Shelver, type ShelverDeps } from './upkeep/shelver.ts'
