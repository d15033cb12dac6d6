/** What the client shows of a model. Used by create-client.ts and by users of the package. */
import type { Manifest } from '@millrace/contracts'

/** A model as the API shows it: its manifest and its state. */
export interface ModelView extends Manifest {
  object: 'model'
  /** Chosen by its author. Empty, like the schemas, until a worker has loaded the model once. */
  version: string
  /** `ready`, `loading`, `failed` or `none`; more words may come. Absent from an older server. */
  state?: string
  /** Why it could not be loaded, in one line; null unless `failed`. */
  reason?: string | null
  /** True when a worker has the model ready. If none has, a model that was ready once takes jobs, and they wait. */
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
