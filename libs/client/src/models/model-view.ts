/** What the client shows of a model. Used by create-client.ts and by users of the package. */
import type { Manifest } from '@millrace/contracts'

/** A model as the API shows it: its manifest and its state. */
export interface ModelView extends Manifest {
  object: 'model'
  /** True when a worker has the model ready. If none has, jobs are accepted and wait. */
  ready: boolean
  workers: number
  queued: number
  running: number
  /** Since when nothing of it is given out; null while it is. */
  paused: Pause | null
  urls: { self: string; jobs: string; openapi: string }
}

export interface Pause {
  since: string
  /** Whether submits are taken meanwhile, and wait. */
  submits: 'take' | 'refuse'
}

/** What is paused of a model. */
export interface ModelPauses {
  object: 'model_pauses'
  model: string
  paused: Pause | null
  versions: Record<string, Pause>
}
