/** Loads each model once in its real runner, without Redis and without taking jobs. `millrace doctor` calls it. */
import type { Manifest } from '@millrace/contracts'
import type { RunnerContext } from '../models/configure-model.ts'
import { discoverModels, isInstalled, type ModelSource } from '../models/discover-models.ts'
import { forEachLimited } from '@millrace/async'
import { ModelLoadError, openLocalModel } from './open-local-model.ts'
import type { Interpreter } from '../python/find-python.ts'
import type { LoadFailure } from '../runners/load-faults.ts'

export interface ModelTrial {
  label: string
  path: string
  /** The time until it was ready or had failed. */
  seconds: number
  /** Null when its own packages were never installed. Then it is passed over, as a worker would do. */
  result: { manifest: Manifest } | { failure: LoadFailure } | null
  language: ModelSource['language']
  /** The Python that runs it. Only for a Python model, and only when there is one that can run it. */
  interpreter?: Interpreter
}

export interface TryModelsOptions extends Omit<RunnerContext, 'onLoadFailed'> {
  /** A setting like MILLRACE_MODELS. */
  models: string
  /** A device as in MILLRACE_SLOTS: `cpu`, `cuda:0`. */
  device: string
  /** How long one model may take to load. Milliseconds. */
  timeoutMs: number
}

/**
 * How many models are loaded at once. Loading mostly uses the processor, so more at once would only run into the time limit.
 */
const AT_ONCE = 2

/** The first failure of a model counts. Rejects with ModelFolderError when there are no models to try. */
export async function tryModels(options: TryModelsOptions): Promise<ModelTrial[]> {
  const sources = await discoverModels(options.models)
  const trials = new Map<string, ModelTrial>()
  await forEachLimited(sources, AT_ONCE, async (source) => {
    const begun = performance.now()
    const tried = isInstalled(source) ? await tryModel(source, options) : { result: null }
    const seconds = (performance.now() - begun) / 1000
    const { label, path, language } = source
    trials.set(path, { label, path, language, seconds, ...tried })
  })
  return sources.flatMap(({ path }) => trials.get(path) ?? [])
}

async function tryModel(
  source: ModelSource,
  options: TryModelsOptions,
): Promise<Pick<ModelTrial, 'result' | 'interpreter'>> {
  try {
    const model = await openLocalModel(source, { ...options, loadTimeoutMs: options.timeoutMs })
    await model.close()
    return { result: { manifest: model.manifest }, interpreter: model.interpreter }
  } catch (error) {
    if (error instanceof ModelLoadError) {
      const { failure, interpreter, isPassedOver } = error
      return { result: isPassedOver ? null : { failure }, interpreter }
    }
    return { result: { failure: { message: error instanceof Error ? error.message : String(error) } } }
  }
}
