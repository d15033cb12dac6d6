/**
 * Work that comes again and again, in rounds that never overlap. Used by the upkeep of a worker and by the
 * watches of Redis, of the object store and of a folder of models.
 */
import { settledWithin } from '../deadlines/settled-within.ts'
import { createLifecycle } from './create-lifecycle.ts'
import type { Lifecycle } from './lifecycle.ts'

export interface Loop extends Lifecycle {
  /** The next round begins at once, or right after the one under way. Does nothing before start and after stop. */
  wake(): void
}

export interface LoopOptions {
  /** One round. `stopping` is aborted as soon as a stop is asked for: a long round should then come to its end. */
  round(stopping: AbortSignal): Promise<unknown>
  /** From the end of one round to the begin of the next. Milliseconds; a function is asked after each round. */
  everyMs: number | (() => number)
  /** So much earlier or later, so that many processes do not move in step. A share of `everyMs`; default 0. */
  jitter?: number
  /**
   * When the first round begins: after the first pause (`later`, the default), or at once; `awaited` if `start` resolves
   * only after it.
   */
  first?: 'later' | 'now' | 'awaited'
  /** Hears what a round rejected with; the loop goes on. */
  onFault(error: unknown): void
}

/** A loop that is not started yet. It keeps no process alive by itself. */
export function createLoop({ round, everyMs, jitter = 0, first = 'later', onFault }: LoopOptions): Loop {
  let signal: AbortSignal | undefined
  let timer: NodeJS.Timeout | undefined
  let current: Promise<void> | undefined
  let isWoken = false

  const pauseMs = () => (typeof everyMs === 'number' ? everyMs : everyMs()) * (1 + jitter * (2 * Math.random() - 1))

  const plan = (ms: number) => {
    clearTimeout(timer)
    const stopping = signal
    if (stopping && !stopping.aborted) timer = setTimeout(() => void run(stopping), ms).unref()
  }

  const run = (stopping: AbortSignal) => {
    isWoken = false
    current = runOnce(stopping).finally(() => {
      current = undefined
      plan(isWoken ? 0 : pauseMs())
    })
    return current
  }

  const runOnce = async (stopping: AbortSignal) => {
    try {
      await round(stopping)
    } catch (error) {
      onFault(error)
    }
  }

  const lifecycle = createLifecycle({
    async begin(stopping) {
      signal = stopping
      if (first === 'awaited') await run(stopping)
      else plan(first === 'now' ? 0 : pauseMs())
    },
    async end(graceMs) {
      clearTimeout(timer)
      if (current) await settledWithin(current, graceMs)
    },
  })
  return {
    ...lifecycle,
    wake() {
      if (current) isWoken = true
      else plan(0)
    },
  }
}
