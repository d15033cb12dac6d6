/** The transport's worker side for one model. It says "try this id now", nothing more. Used by the worker. */
import type { JobId } from '@millrace/contracts'

export interface Delivery {
  id: JobId
  /** Unique per delivery: the same again only when a reply was lost. */
  delivery: string
}

/** How a delivered job was handled. */
export type Handled =
  | { outcome: 'done' }
  /** Deliver it once more after that long. Milliseconds. */
  | { outcome: 'again'; afterMs: number }

export interface Consumer {
  /** Starts taking deliveries; at most `concurrency` at once. */
  start(): void
  setConcurrency(concurrency: number): void
  /** Stops taking new deliveries; those in hand go on. */
  pause(): Promise<void>
  resume(): void
  /** Waits for handlers in hand, then lets go. */
  close(): Promise<void>
}
