/** Which models there are. Workers publish what they have ready; the API reads it. */
import type { Manifest } from '@millrace/contracts'

/** What is published about a model. */
export interface ModelState {
  manifest: Manifest
  /** Workers that have a runner of it ready, seen within the last 15 s. */
  workers: number
  /** Jobs that wait, and jobs that run, of all versions. */
  queued: number
  running: number
}

export interface ModelVersions {
  versions: ModelVersion[]
  lines: WaitingLine[]
}

export interface ModelVersion {
  manifest: Manifest
  /** Submits that name no version are checked against this one. */
  isCurrent: boolean
  /** When it was published first, by the clock of Redis. ISO 8601. */
  introducedAt: string
  /** Workers that have it ready, seen within the last 15 s. */
  workers: number
}

/** Jobs that wait in one line. */
export interface WaitingLine {
  /** See linesOf. */
  line: string
  queued: number
  /** Workers that serve it, seen within the last 15 s. */
  workers: number
}

export interface ModelPublisher {
  /** Publishes or refreshes; called every 5 s by each worker that has the model ready. */
  publish(manifest: Manifest, worker: string): Promise<void>
  withdraw(manifest: Manifest, worker: string): Promise<void>
}

/** A manifest is the same object until it changes, so what is made of it may be kept by it. It is shared: do not change it. */
export interface ModelReader {
  /** That version of it; undefined when it was never published, or too long ago. */
  version(model: string, version: string): Promise<Manifest | undefined>
  /** Every version that is known, the newest first, and what waits for whom. */
  versions(model: string): Promise<ModelVersions | undefined>
  get(model: string): Promise<ModelState | undefined>
  list(): Promise<ModelState[]>
}

export interface ModelRegistry extends ModelPublisher, ModelReader {}
