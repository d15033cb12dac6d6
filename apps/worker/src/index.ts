export type { AttemptEnd } from './attempt/attempt-deps.ts'
export type { AuthorEvents, ModelEvents, ModelRef } from './author-events.ts'
export { ATTEMPT_PACE, type AttemptPace } from './attempt/attempt-deps.ts'
export {
  createWorker,
  type ModelStatus,
  type Worker,
  type WorkerDeps,
} from './create-worker.ts'
export { discoverModels, ModelFolderError, modelFolders, type ModelSource } from './discover-models.ts'
export { findModel, NoSuchModelError } from './find-model.ts'
export {
  LocalInputError,
  type LocalFile,
  type LocalModel,
  type LocalRun,
  ModelLoadError,
  openLocalModel,
} from './local-model.ts'
export { findPython, type Interpreter, PythonError } from './python/find-python.ts'
export { readCogYaml } from './python/read-cog-yaml.ts'
export { installCommand } from './python/missing-packages.ts'
export { readAigesSchema } from './read-aiges-schema.ts'
export type { LoadFailure } from './runners/runner-process.ts'
export { costNotesOf, type SchemaNote } from './cost-notes.ts'
export { type ModelTrial, tryModels, type TryModelsOptions } from './try-models.ts'
export type { CreateConsumer, WorkerModel } from './model-worker.ts'
export { ModelNameTaken } from './model-names.ts'
export type { ReconcilerStore } from './reconciler.ts'
export { renderSettingsTable } from './settings/render-settings-table.ts'
export { parseSlots, SlotsError } from './slots/parse-slots.ts'
export type { WorkerLogger } from './worker-logger.ts'
export { createSweeper, SWEEP_PACE, type Sweeper, type SweeperDeps, type SweepPace } from './sweeper.ts'
export { createWebhooks, type Webhooks, type WebhooksOptions } from './webhooks/create-webhooks.ts'
export { type StartedWorker, type StartWorkerOptions, startWorker } from './start-worker.ts'
export { createShelver, type Shelver, type ShelverDeps } from './shelver.ts'
