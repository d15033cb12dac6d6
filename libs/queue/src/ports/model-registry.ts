/** Which models there are. Workers publish what they have ready; the API reads it. */
import type { Manifest } from '@millrace/contracts'

/** What is published about a model. */
export interface ModelState {
  manifest: Manifest
  /** Workers that have a runner of it ready, seen within the last 15 s. */
  workers: number
  /** Jobs that wait, and jobs that run. */
  queued: number
  running: number
}

export interface ModelPublisher {
  /** Publishes or refreshes; called every 5 s by each worker that has the model ready. */
  publish(manifest: Manifest, worker: string): Promise<void>
  withdraw(model: string, worker: string): Promise<void>
}

/** A manifest is the same object until it changes, so what is made of it may be kept by it. It is shared: do not change it. */
export interface ModelReader {
  get(model: string): Promise<ModelState | undefined>
  list(): Promise<ModelState[]>
}

export interface ModelRegistry extends ModelPublisher, ModelReader {}
