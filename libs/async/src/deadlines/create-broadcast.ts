/** Makes a signal for many listeners. Called by code that stops a whole worker, and by the deadlines of this folder. */
import { setMaxListeners } from 'node:events'

/**
 * A signal that many may listen to, such as all jobs of a worker to its stop. With more than ten listeners Node would
 * otherwise warn of a leak.
 */
export function createBroadcast(): AbortController {
  const controller = new AbortController()
  setMaxListeners(0, controller.signal)
  return controller
}
