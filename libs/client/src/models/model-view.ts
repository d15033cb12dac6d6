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
  urls: { self: string; jobs: string; openapi: string }
}
