/** Loads each model once in its real runner, without Redis and without taking jobs. `millrace doctor` calls it. */
import type { Manifest } from '@millrace/contracts'
import { type RunnerContext, workerModelOf } from './configured-models.ts'
import { discoverModels, isInstalled, type ModelSource } from './discover-models.ts'
import { forEachLimited } from './for-each-limited.ts'
import type { Runner } from './runners/runner.ts'
import type { LoadFailure } from './runners/runner-process.ts'

export interface ModelTrial {
  label: string
  path: string
  /** Until it was ready or had failed. */
  seconds: number
  /** Null when its own packages were never installed: it is passed over, here as by a worker. */
  result: { manifest: Manifest } | { failure: LoadFailure } | null
}

export interface TryModelsOptions extends Omit<RunnerContext, 'onLoadFailed'> {
  /** As MILLRACE_MODELS. */
  models: string
  /** As in MILLRACE_SLOTS: `cpu`, `cuda:0`. */
  device: string
  /** How long one may take to load. Milliseconds. */
  timeoutMs: number
}

/** Loading is mostly the processor's work; more at once would only run into the time limit. */
const AT_ONCE = 2
const STOP_MS = 2000

/** The first failure of a model counts. Rejects with ModelFolderError when there are no models to try. */
export async function tryModels(options: TryModelsOptions): Promise<ModelTrial[]> {
  const sources = await discoverModels(options.models)
  const trials = new Map<string, ModelTrial>()
  await forEachLimited(sources, AT_ONCE, async (source) => {
    const begun = performance.now()
    const result = isInstalled(source) ? await tryModel(source, options) : null
    const seconds = (performance.now() - begun) / 1000
    trials.set(source.path, { label: source.label, path: source.path, seconds, result })
  })
  return sources.flatMap(({ path }) => trials.get(path) ?? [])
}

async function tryModel(source: ModelSource, options: TryModelsOptions): Promise<NonNullable<ModelTrial['result']>> {
  const { logger, env, device, timeoutMs } = options
  let runner: Runner | undefined
  let timer: NodeJS.Timeout | undefined
  try {
    return await new Promise((resolve) => {
      const fail = (failure: LoadFailure) => resolve({ failure })
      timer = setTimeout(() => fail({ message: `it was not loaded after ${timeoutMs / 1000} s` }), timeoutMs)
      const model = workerModelOf(source, { logger, env, onLoadFailed: (_source, failure) => fail(failure) })
      runner = model.createRunner(device)
      runner.start().then(
        (manifest) => resolve({ manifest }),
        () => undefined,
      )
    })
  } catch (error) {
    return { failure: { message: error instanceof Error ? error.message : String(error) } }
  } finally {
    clearTimeout(timer)
    await runner?.stop(STOP_MS)
  }
}
