/**
 * Turns a model that was found in a folder into one that can be started. Called by installed-models.ts and
 * open-local-model.ts.
 */
import type { Log } from '@millrace/contracts'
import { dirname } from 'node:path'
import type { ModelSource } from './discover-models.ts'
import type { WorkerModel } from '../worker-model.ts'
import { findPython, type Interpreter } from '../python/find-python.ts'
import { missingPackages } from '../python/missing-packages.ts'
import { createNodeRunner } from '../runners/node-runner.ts'
import { createPythonRunner } from '../runners/python-runner.ts'
import type { LoadFailure } from '../runners/load-faults.ts'
import { wearLimitsOf } from '../runners/process/wear-limits-of.ts'
import { SETUP_TIMEOUT } from '../settings/model-settings.ts'
import { chooseDevices, mustFit } from './choose-devices.ts'

export interface RunnerContext {
  logger: Log
  /** The environment of the worker. The models' processes see only an allow-listed part of it. */
  env: Readonly<Record<string, string | undefined>>
  /** MILLRACE_PYTHON: runs the Python models that have no environment of their own. */
  python?: string
  /** Called with the reason when a model could not be loaded. Default: the log tells it. */
  onLoadFailed?: (model: ModelSource, failure: LoadFailure) => void
}

/** A model that can make runners, and the Python that will run it. */
export interface ConfiguredModel extends WorkerModel {
  /** Undefined for a TypeScript model, and when no Python works. */
  interpreter?: Interpreter
  /** Packages of a Python model that are not installed, so that it cannot be loaded; see missingPackages. */
  missing?: string[]
}

/**
 * Makes the model at that place ready to make runners. Never rejects: a fault of its millrace.yaml or its Python is
 * thrown when a runner is made, so it is reported like any model that does not load.
 */
export async function configureModel(source: ModelSource, context: RunnerContext): Promise<ConfiguredModel> {
  const { label, path, settings, fault } = source
  const name = settings.name ?? label
  const model = { label, name, path, devices: (slots: readonly string[]) => chooseDevices(settings.slots, slots) }
  try {
    if (fault) throw fault
    const { create, ...found } =
      source.language === 'node' ? nodeModel(source, context) : await pythonModel(source, context)
    const createRunner = (device: string) => {
      mustFit(settings.slots, device)
      return create(device)
    }
    return { ...model, ...found, createRunner }
  } catch (error) {
    const thrown = error instanceof Error ? error : new Error(String(error))
    const createRunner = () => {
      throw thrown
    }
    return { ...model, createRunner }
  }
}

interface Found extends Pick<ConfiguredModel, 'interpreter' | 'missing'> {
  create: WorkerModel['createRunner']
}

function nodeModel(source: ModelSource, context: RunnerContext): Found {
  const { env: extraEnv, node_options: nodeArgs, memory_errors: memoryErrors, setup_timeout } = source.settings
  const options = {
    ...partsOf(source, context),
    modelPath: source.path,
    extraEnv,
    nodeArgs,
    memoryErrors,
    wear: wearLimitsOf(source.settings),
    setupTimeoutMs: (setup_timeout ?? SETUP_TIMEOUT) * 1000,
  }
  return { create: (device) => createNodeRunner({ ...options, device }) }
}

/** Rejects with PythonError. */
async function pythonModel(source: ModelSource, context: RunnerContext): Promise<Found> {
  const { settings } = source
  const { env } = context
  const folder = dirname(source.path)
  const interpreter = await findPython({ folder, named: settings.python, configured: context.python, env })
  const options = { ...partsOf(source, context), folder, settings, interpreter: interpreter.path }
  return {
    interpreter,
    missing: await missingPackages({ folder, settings, interpreter, env }),
    create: (device) => createPythonRunner({ ...options, device }),
  }
}

function partsOf(source: ModelSource, { logger, env, onLoadFailed: hear }: RunnerContext) {
  return { logger, env, onLoadFailed: hear && ((failure: LoadFailure) => hear(source, failure)) }
}
