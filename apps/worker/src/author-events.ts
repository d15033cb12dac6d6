/** What a worker tells the author of its models, as it happens. `millrace dev` prints it. */
import type { Manifest } from '@millrace/contracts'
import type { AttemptEnd } from './attempt/attempt-deps.ts'
import type { LoadFailure, ModelRef } from '@millrace/host'

/** Runs of one model. */
export interface RunsInHand {
  model: string
  runs: number
}

export interface ModelEvents {
  /** It is being loaded: at the start, when it is new, and each time its code changed. */
  onLoading(model: ModelRef): void
  /** It takes jobs. */
  onServed(model: ModelRef, manifest: Manifest): void
  /** It is not served and will not be tried again as it is. */
  onGivenUp(model: ModelRef, error: unknown): void
  /** Its file is gone; `manifest` is what was published of it. */
  onGone(model: ModelRef, manifest: Manifest | undefined): void
  /** The worker stops as soon as these have ended, at the latest after the grace. Not told when there are none. */
  onWaiting(inHand: readonly RunsInHand[], graceMs: number): void
}

export interface AuthorEvents extends ModelEvents {
  /** It could not be loaded; it is tried again with growing delay, once per slot. */
  onLoadFailed(model: ModelRef, failure: LoadFailure): void
  /** Its packages are not installed, so it is not even tried; `install` is what to type. Told once. */
  onPassedOver(model: ModelRef, install: string): void
  /** A models folder can't be used for now. */
  onFolderFault(message: string): void
  onAttempt(end: AttemptEnd): void
}
