/** Loads one model on this machine, without a worker. Called by try-models.ts and by the author's commands of the CLI. */
import { dirname } from 'node:path'
import type { Manifest } from '@millrace/contracts'
import { prepareExamples } from '../checks/prepare-examples.ts'
import { type ConfiguredModel, configureModel, type RunnerContext } from '../models/configure-model.ts'
import type { ModelSource } from '../models/discover-models.ts'
import type { LoadFailure } from '../runners/load-faults.ts'
import type { Interpreter } from '../python/find-python.ts'
import { installCommand } from '../python/missing-packages.ts'
import type { Runner } from '../runner.ts'
import { LocalModel, STOP_MS } from './local-model.ts'

export interface LocalModelOptions extends Omit<RunnerContext, 'onLoadFailed'> {
  /** A device as in MILLRACE_SLOTS: `cpu`, `cuda:0`. */
  device: string
  /** How long it may take to load. Milliseconds. */
  loadTimeoutMs: number
  /** Aborting it gives up the loading. */
  signal?: AbortSignal
}

/** The model could not be loaded. The message is that of the first failure. */
export class ModelLoadError extends Error {
  readonly failure: LoadFailure
  readonly interpreter: Interpreter | undefined
  /** True when its packages are not installed, so it was not tried. */
  readonly isPassedOver: boolean

  constructor(failure: LoadFailure, interpreter?: Interpreter, isPassedOver = false) {
    super(failure.message)
    this.name = 'ModelLoadError'
    this.failure = failure
    this.interpreter = interpreter
    this.isPassedOver = isPassedOver
  }
}

/** Loads the model. Rejects with ModelLoadError at the first failure, and with the reason of the signal. */
export async function openLocalModel(source: ModelSource, options: LocalModelOptions): Promise<LocalModel> {
  const begun = performance.now()
  let hear: (failure: LoadFailure) => void = () => undefined
  const model = await configureModel(source, { ...options, onLoadFailed: (_source, failure) => hear(failure) })
  mustBeInstalled(model, dirname(source.path))
  let runner: Runner | undefined
  let timer: NodeJS.Timeout | undefined
  try {
    const loaded = await new Promise<Manifest>((resolve, reject) => {
      hear = (failure) => reject(new ModelLoadError(failure, model.interpreter))
      const { loadTimeoutMs, signal } = options
      if (signal?.aborted) throw signal.reason
      signal?.addEventListener('abort', () => reject(signal.reason), { once: true })
      timer = setTimeout(() => hear({ message: `it was not loaded after ${loadTimeoutMs / 1000} s` }), loadTimeoutMs)
      runner = createRunner(model, options.device)
      runner.start().then(resolve, reject)
    })
    const loadSeconds = (performance.now() - begun) / 1000
    const { manifest, faults: exampleFaults } = await prepareExamples(loaded, dirname(source.path))
    return new LocalModel(runner as Runner, { manifest, loadSeconds, exampleFaults, interpreter: model.interpreter })
  } catch (error) {
    await runner?.stop(STOP_MS)
    throw error
  } finally {
    clearTimeout(timer)
  }
}

function mustBeInstalled({ missing = [], interpreter }: ConfiguredModel, folder: string): void {
  if (missing.length === 0) return
  const message = `${missing.join(', ')}: not installed; run\n${installCommand(folder, process.cwd())}`
  throw new ModelLoadError({ message }, interpreter, true)
}

function createRunner(model: ConfiguredModel, device: string): Runner {
  try {
    return model.createRunner(device)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    throw new ModelLoadError({ message }, model.interpreter)
  }
}
