/** Cancels of running jobs, heard by one subscription for the whole worker. Made by create-worker.ts. */
import type { JobId } from '@millrace/contracts'
import type { ChangeFeed } from '@millrace/queue'
import type { CancelHints } from '../attempt/attempt-deps.ts'

/** Hands each cancel to the attempt that holds the job. `close` ends the one subscription behind it. */
export function createCancelHints(changes: Pick<ChangeFeed, 'onCancel'>): CancelHints & { close(): void } {
  const listeners = new Map<JobId, Set<() => void>>()
  const close = changes.onCancel((id) => {
    for (const listener of listeners.get(id) ?? []) listener()
  })

  return {
    close,
    watch(id, listener) {
      const own = listeners.get(id) ?? new Set()
      listeners.set(id, own.add(listener))
      return () => {
        own.delete(listener)
        if (own.size === 0 && listeners.get(id) === own) listeners.delete(id)
      }
    },
  }
}
