/**
 * Makes a Lifecycle from two steps. The steps need not care who calls start and stop, or how often. Used by create-loop.ts
 * and by services.
 */
import { settledWithin } from '../deadlines/settled-within.ts'
import type { Lifecycle } from './lifecycle.ts'

export interface LifecycleSteps {
  /** Called at most once, and never after a stop. `stopping` is aborted as soon as a stop is asked for. */
  begin(stopping: AbortSignal): void | Promise<void>
  /**
   * Called once, by the first stop, even when nothing had begun. When `begin` is still running, it is waited for first, as
   * long as the grace allows. `graceMs` is the time that is left.
   */
  end(graceMs: number): void | Promise<void>
}

export function createLifecycle(steps: LifecycleSteps): Lifecycle {
  const stopping = new AbortController()
  const started = createFact()
  const stopped = createFact()
  let starting: Promise<void> | undefined
  let ending: Promise<void> | undefined

  const begin = async () => {
    if (!stopping.signal.aborted) await steps.begin(stopping.signal)
  }

  const end = async (graceMs: number) => {
    const endMs = performance.now() + graceMs
    stopping.abort(new Error('it stops'))
    if (starting) await settledWithin(starting, graceMs)
    await steps.end(Math.max(0, endMs - performance.now()))
  }

  return {
    started: started.known,
    stopped: stopped.known,
    start() {
      starting ??= begin().finally(started.tell)
      return starting
    },
    stop(graceMs) {
      ending ??= end(graceMs).finally(() => {
        started.tell()
        stopped.tell()
      })
      return ending
    },
  }
}

/** A promise that is resolved from outside, once a fact is true. */
function createFact(): { known: Promise<void>; tell: () => void } {
  let tell: () => void = () => undefined
  const known = new Promise<void>((resolve) => {
    tell = resolve
  })
  return { known, tell }
}
