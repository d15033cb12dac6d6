/** Tells this process that a job changed, over one subscription whatever the number of watchers. Used by API and worker. */
import type { JobId, LoggedEvent } from '@millrace/contracts'

/** What a follower of a job hears. */
export type Heard =
  /** From now on every event is told: read the log from the last one you have. Said again after each break. */
  | { kind: 'joined' }
  /** In order; may be one that was read from the log already. Shared between followers: not to be changed. */
  | { kind: 'event'; logged: LoggedEvent }
  | { kind: 'purged' }

export interface ChangeFeed {
  /**
   * Calls back whenever the job may have ended: when it has, is purged, or was out of hearing for a while. A hint: read the
   * record. Changes on the way there call nobody: each would cost a read for nothing. Returns the way to stop.
   */
  onEnd(id: JobId, listener: () => void): () => void
  /** Calls back for every event of a job from `joined` on. Never calls back before it has returned the way to stop. */
  follow(id: JobId, listener: (heard: Heard) => void): () => void
  /** Calls back for every cancel asked of a running job. Returns the way to stop. */
  onCancel(listener: (id: JobId) => void): () => void
}
