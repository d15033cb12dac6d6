/**
 * What the author of a model imports: defineModel, file, packageDir, ModelError; and for tests runModel, trainModel and
 * localFile. The other exports are for the runner, which applies the same rules to input, output and files.
 */
export {
  type AnyModel,
  type BatchOptions,
  defineModel,
  type Model,
  type ModelDefinition,
  modelOfModule,
  type TrainingDefinition,
} from './define-model.ts'
export { type BatchItem, callBatch } from './running/call-batch.ts'
export { type ExecutedRun, executeRun, type RunSetting } from './running/execute-run.ts'
export { file } from './file.ts'
export { manifestOf } from './manifest-of.ts'
export type { FileSource, LogLevel, ModelContext, Resumed, SetupContext } from './model-context.ts'
export type { CheckpointPort, RunCheckpoint } from './running/keep-checkpoints.ts'
export { InvalidInputError, InvalidOutputError, ModelError, NotAModelError } from './model-errors.ts'
export { createModelFile, type FileFacts, isModelFile, localFile, type ModelFile } from './model-file.ts'
export { openInside, resolveInside } from './running/open-inside.ts'
export { packageDir } from './package-dir.ts'
export { splitOutput } from './running/split-output.ts'
export { type ModelRun, runModel, type RunModelOptions, trainModel } from './running/run-model.ts'
