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
  pauses: Pauses
  tally: ModelTally
}

/** Ends that only scripts see, because no worker has the job any more: counted since the model was first published. */
export interface ModelTally {
  /** Their worker was lost; they went back into their line. */
  requeued: number
  /** Their worker was lost once too often. */
  failed: number
  /** Their worker was lost, and a cancel had been asked. */
  canceled: number
  /** No worker began them before their deadline. */
  expired: number
}

/** Nothing of what is paused is given to workers; what runs goes on. */
export interface Pause {
  /** By the clock of Redis. ISO 8601. */
  since: string
  /** Whether submits are taken meanwhile, and wait. */
  submits: 'take' | 'refuse'
}

/** What somebody has paused of a model. */
export interface Pauses {
  /** All of it. */
  model: Pause | null
  /** The workers with such a version get no job, neither a pinned one nor one of its contracts. */
  versions: Readonly<Record<string, Pause>>
}

export interface ModelVersions {
  pauses: Pauses
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
  /** How many jobs these can run at once, without those whose version is paused. */
  places: number
  /** Its jobs are given to nobody: the model is paused, or the version of every worker that serves it. */
  paused: boolean
}

/** Of a model that a worker does not have ready. */
export interface ModelLoad {
  /** What it is called; before it has loaded, what it will be called as far as its settings and its folder tell. */
  name: string
  /** `failed`: it could not be loaded; it may be tried again. */
  state: 'loading' | 'failed'
  /** Why it failed, in one line. */
  reason: string | null
}

/** What a worker has measured of a model. */
export interface WorkerMeasures {
  /** Part of its places on which a job ran of late, from 0 to 1. */
  busy?: number | undefined
  /** How long it took to load the model. Milliseconds. */
  loadMs?: number | undefined
}

export interface ModelPublisher {
  /**
   * Publishes or refreshes; called every 5 s by each worker that has the model ready. `places`: how many jobs of it that worker
   * can run at once; default: one runner's worth. Answers whether something waits that this worker could be given.
   */
  publish(manifest: Manifest, worker: string, places?: number, measured?: WorkerMeasures): Promise<boolean>
  withdraw(manifest: Manifest, worker: string): Promise<void>
}

/** A manifest is the same object until it changes, so what is made of it may be kept by it. It is shared: do not change it. */
export interface ModelReader {
  /** That version of it; undefined when it was never published, or too long ago. */
  version(model: string, version: string): Promise<Manifest | undefined>
  /** Every version that is known, the newest first, and what waits for whom. */
  versions(model: string): Promise<ModelVersions | undefined>
  get(model: string): Promise<ModelState | undefined>
  /** How many jobs of a tenant wait and run, for each of the models. */
  jobsOf(tenant: string, models: readonly string[]): Promise<{ queued: number; running: number }[]>
  pauses(model: string): Promise<Pauses>
  list(): Promise<ModelState[]>
  /** What workers load or could not load: one for each worker and model, of workers heard within the last 15 s. */
  loads(): Promise<ModelLoad[]>
}

export interface ModelControl {
  /** Of a version, or of the whole model. Safe twice; the last word on submits holds. */
  pause(model: string, options: { version?: string | undefined; submits: Pause['submits'] }): Promise<void>
  /** Workers are woken. Safe without a pause. A version that is resumed stays paused with its model. */
  resume(model: string, options: { version?: string | undefined }): Promise<void>
}

export interface ModelRegistry extends ModelPublisher, ModelReader, ModelControl {}
