/** The models of a configuration as the worker meets them. Called by start-worker.ts, try-models.ts, local-model.ts. */
import { dirname } from 'node:path'
import type { ModelSource } from './discover-models.ts'
import type { WorkerModel } from '../worker-model.ts'
import { findPython, type Interpreter } from '../python/find-python.ts'
import { missingPackages } from '../python/missing-packages.ts'
import { createNodeRunner } from '../process/node-runner.ts'
import { createPythonRunner } from '../process/python-runner.ts'
import type { Runner } from '../runner.ts'
import type { RunnerLogger } from '../process/runner-logger.ts'
import type { LoadFailure } from '../process/runner-process.ts'
import { SETUP_TIMEOUT } from '../settings/model-settings.ts'
import { chooseDevices, mustFit } from './choose-devices.ts'

export interface RunnerContext {
  logger: RunnerLogger
  /** The environment that the models' processes see an allow-listed part of. */
  env: Readonly<Record<string, string | undefined>>
  /** MILLRACE_PYTHON: runs the Python models that have no environment of their own. */
  python?: string
  /** Hears why a model could not be loaded; default: the log does. */
  onLoadFailed?: (model: ModelSource, failure: LoadFailure) => void
}

/** A model that can make runners, and the Python that will run it. */
export interface ConfiguredModel extends WorkerModel {
  /** Undefined for a TypeScript model, and when there is none that works. */
  interpreter?: Interpreter
  /** Packages of a Python model that are not installed, so that it cannot be loaded; see missingPackages. */
  missing?: string[]
}

/**
 * The model at that place, ready to make runners of its kind. Never rejects: what is wrong with its millrace.yaml or its
 * Python is thrown when a runner is made, so that it is told like any model that does not load.
 */
export async function configureModel(source: ModelSource, context: RunnerContext): Promise<ConfiguredModel> {
  const { label, path, settings, fault } = source
  const model = { label, path, devices: (slots: readonly string[]) => chooseDevices(settings.slots, slots) }
  const failing = (error: Error): ConfiguredModel => ({
    ...model,
    createRunner: () => {
      throw error
    },
  })
  if (fault) return failing(fault)
  const guarded = (create: (device: string) => Runner) => (device: string) => {
    mustFit(settings.slots, device)
    return create(device)
  }
  const hear = context.onLoadFailed
  const shared = {
    logger: context.logger,
    env: context.env,
    onLoadFailed: hear && ((failure: LoadFailure) => hear(source, failure)),
  }
  if (source.language === 'node') {
    const {
      env: extraEnv,
      node_options: nodeArgs,
      memory_errors: memoryErrors,
      setup_timeout: setupSeconds = SETUP_TIMEOUT,
    } = settings
    const options = {
      ...shared,
      modelPath: path,
      extraEnv,
      nodeArgs,
      memoryErrors,
      setupTimeoutMs: setupSeconds * 1000,
    }
    const create = (device: string) => createNodeRunner({ ...options, device })
    return { ...model, createRunner: guarded(create) }
  }
  try {
    const folder = dirname(path)
    const interpreter = await findPython({
      folder,
      named: settings.python,
      configured: context.python,
      env: context.env,
    })
    const create = (device: string) =>
      createPythonRunner({ ...shared, folder, settings, interpreter: interpreter.path, device })
    const missing = await missingPackages({ folder, settings, interpreter, env: context.env })
    return { ...model, interpreter, missing, createRunner: guarded(create) }
  } catch (error) {
    return failing(error instanceof Error ? error : new Error(String(error)))
  }
}
