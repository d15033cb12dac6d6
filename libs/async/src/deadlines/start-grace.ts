/** The time that is left after somebody has asked for a stop. Used by the attempts of a worker while it drains. */
import { createBroadcast } from './create-broadcast.ts'
import type { Deadline } from './start-deadline.ts'
import { startTimer } from './start-timer.ts'

/** Returns a deadline that is aborted `ms` after `signal`, with the reason of `signal`. Until then work may end by itself. */
export function startGrace(ms: number, signal: AbortSignal): Deadline {
  const controller = createBroadcast()
  let takeBack: () => void = () => undefined
  const begin = () => {
    takeBack = startTimer(ms, () => controller.abort(signal.reason))
  }
  if (signal.aborted) begin()
  else signal.addEventListener('abort', begin, { once: true })
  return {
    signal: controller.signal,
    abort: (reason) => controller.abort(reason),
    end() {
      takeBack()
      signal.removeEventListener('abort', begin)
    },
  }
}
