/** The host of models: finds them, checks them, and starts their processes. Used by the worker and by the CLI. */
export { type ConfiguredModel, type RunnerContext, configureModel } from './models/configure-model.ts'
export { createInstalledModels, type InstalledModels, type Stage } from './models/installed-models.ts'
export { discoverModels, ModelFolderError, modelFolders, type ModelSource } from './models/discover-models.ts'
export { findModel, NoSuchModelError } from './models/find-model.ts'
export { createRediscovery } from './models/rediscover-models.ts'
export { parseSlots, SlotsError } from './models/parse-slots.ts'
export {
  LocalInputError,
  type LocalFile,
  type LocalModel,
  type LocalRun,
  ModelLoadError,
  openLocalModel,
} from './local/local-model.ts'
export { readAigesSchema } from './local/read-aiges-schema.ts'
export { type ModelTrial, tryModels, type TryModelsOptions } from './local/try-models.ts'
export { costNotesOf, type SchemaNote } from './checks/cost-notes.ts'
export { nullableOutput } from './checks/nullable-output.ts'
export { type AnswerCheck, compileOutputCheck } from './checks/compile-output-check.ts'
export type { LoadFailure } from './process/runner-process.ts'
export { findPython, type Interpreter, PythonError } from './python/find-python.ts'
export { installCommand } from './python/missing-packages.ts'
export { readCogYaml } from './python/read-cog-yaml.ts'
export type { Runner, RunOutcome, RunOutput, RunRequest } from './runner.ts'
export { renderSettingsTable } from './settings/render-settings-table.ts'
export { runnerEnvironment } from './settings/runner-environment.ts'
export type { ModelRef, WorkerModel } from './worker-model.ts'
