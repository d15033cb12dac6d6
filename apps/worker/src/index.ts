export { ATTEMPT_PACE, type AttemptPace } from './attempt/attempt-deps.ts'
export {
  createWorker,
  type ModelStatus,
  type Worker,
  type WorkerDeps,
} from './create-worker.ts'
export type { CreateConsumer, WorkerModel } from './model-worker.ts'
export { ModelNameTaken } from './model-names.ts'
export type { ReconcilerStore } from './reconciler.ts'
export { parseSlots, SlotsError } from './slots/parse-slots.ts'
export type { WorkerLogger } from './worker-logger.ts'
export { type StartedWorker, type StartWorkerOptions, startWorker } from './start-worker.ts'
