/**
 * What an author of a model imports: defineModel, file, packageDir; runModel and localFile in its tests.
 * The rest is for the runner, which shares this room's rules about input, output and files.
 */
export { type AnyModel, defineModel, type Model, type ModelDefinition, modelOfModule } from './define-model.ts'
export { type ExecutedRun, executeRun, type RunSetting } from './execute-run.ts'
export { file } from './file.ts'
export { placeAt, pointerTo, valueAt } from './json-pointer.ts'
export { manifestOf } from './manifest-of.ts'
export type { FileSource, LogLevel, ModelContext, SetupContext } from './model-context.ts'
export { InvalidInputError, InvalidOutputError, NotAModelError } from './model-errors.ts'
export { createModelFile, type FileFacts, isModelFile, localFile, type ModelFile } from './model-file.ts'
export { openInside, resolveInside } from './open-inside.ts'
export { packageDir } from './package-dir.ts'
export { type ModelRun, runModel, type RunModelOptions } from './run-model.ts'
