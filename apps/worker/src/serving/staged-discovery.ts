/** Finds the models of a worker; at its start in stages, so that nothing waits for what has to be asked about first. Made by start-worker.ts. */
import { settledWithin } from '@millrace/async'
import type { InstalledModels, NamedModel, Stage, WorkerModel } from '@millrace/host'
import type { Worker } from './create-worker.ts'

/** How long packages are not looked for while other models load: both take the processor. Milliseconds. */
const OTHERS_MS = 2000

export class StagedDiscovery {
  readonly #installed: InstalledModels
  #stage: Stage = 0
  /** Those that were left to a later stage. */
  #later: NamedModel[] = []

  constructor(installed: InstalledModels) {
    this.#installed = installed
  }

  /** Models that were found, and that begin later. */
  get later(): readonly NamedModel[] {
    return this.#later
  }

  async discover(): Promise<WorkerModel[]> {
    const { models, later } = await this.#installed.look(this.#stage)
    this.#later = later
    return models
  }

  /** Goes on to the last stage, with a worker that has started. From then on each look sees all. */
  async beginRest(worker: Pick<Worker, 'whenReady' | 'refresh'>): Promise<void> {
    try {
      this.#stage = 1
      if (this.#later.length > 0) await worker.refresh(() => false)
      this.#stage = 2
      if (this.#later.length === 0) return
      await settledWithin(worker.whenReady(), OTHERS_MS)
      await worker.refresh(() => false)
    } finally {
      this.#stage = 2
    }
  }
}
