/** A signal for many listeners. Called by what stops a whole worker, and by the deadlines of this folder. */
import { setMaxListeners } from 'node:events'

/**
 * A signal that a whole crowd may listen to, such as all jobs of a worker to its stop. Of more than ten listeners Node
 * would say that somebody forgot to take them away.
 */
export function createBroadcast(): AbortController {
  const controller = new AbortController()
  setMaxListeners(0, controller.signal)
  return controller
}
