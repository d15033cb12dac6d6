/**
 * Work that is done again and again, in rounds that never overlap. Used by the upkeep of a worker and by the watches of
 * Redis, of the object store and of a folder of models.
 */
import { settledWithin } from '../deadlines/settled-within.ts'
import { createLifecycle } from './create-lifecycle.ts'
import type { Lifecycle } from './lifecycle.ts'

export interface Loop extends Lifecycle {
  /** Begins the next round at once, or right after the one that is running. It does nothing before start and after stop. */
  wake(): void
}

export interface LoopOptions {
  /** Does one round. `stopping` is aborted as soon as a stop is asked for; then a long round should end soon. */
  round(stopping: AbortSignal): Promise<unknown>
  /** The time from the end of one round to the start of the next. Milliseconds. A function is called after each round. */
  everyMs: number | (() => number)
  /**
   * Makes each pause up to this share of `everyMs` shorter or longer, so that many processes do not move in step. Default 0.
   */
  jitter?: number
  /**
   * When the first round begins: after the first pause (`later`, the default) or at once (`now`). `awaited`: at once, and
   * `start` resolves only after it.
   */
  first?: 'later' | 'now' | 'awaited'
  /** Called with the error when a round rejects. The loop goes on. */
  onFault(error: unknown): void
}

/** Makes a loop that is not started yet. The loop alone keeps no process alive. */
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
