/** What the client says of a model. Used by create-client.ts and by users of the package. */
import type { Manifest } from '@millrace/contracts'

/** A model as the API shows it: its manifest and its state. */
export interface ModelView extends Manifest {
  object: 'model'
  /** Whether a worker has it ready. Jobs are taken, and wait, when none has. */
  ready: boolean
  workers: number
  queued: number
  running: number
  urls: { self: string; jobs: string; openapi: string }
}
