/** The models of a configuration as the worker meets them. Called by start-worker.ts and try-models.ts. */
import type { ModelSource } from './discover-models.ts'
import type { WorkerModel } from './model-worker.ts'
import { createNodeRunner } from './runners/node-runner.ts'
import type { RunnerLogger } from './runners/runner-logger.ts'
import type { LoadFailure } from './runners/runner-process.ts'

export interface RunnerContext {
  logger: RunnerLogger
  /** The environment that the models' processes see an allow-listed part of. */
  env: Readonly<Record<string, string | undefined>>
  /** Hears why a model could not be loaded; default: the log does. */
  onLoadFailed?: (model: ModelSource, failure: LoadFailure) => void
}

/** The model at that place, ready to make runners of its kind. */
export function workerModelOf(source: ModelSource, { logger, env, onLoadFailed }: RunnerContext): WorkerModel {
  const { label, path } = source
  const hear = onLoadFailed && ((failure: LoadFailure) => onLoadFailed(source, failure))
  return {
    label,
    path,
    createRunner: (device) => createNodeRunner({ modelPath: path, device, logger, env, onLoadFailed: hear }),
  }
}
