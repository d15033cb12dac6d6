/** Work that comes again and again for as long as a worker lives. Used by reconciler.ts, sweeper.ts and shelver.ts. */
import { settledWithin } from '../deadlines/settled-within.ts'

export interface Rounds {
  start(): void
  /** Begins no more rounds and waits at most `graceMs` for the one under way. Safe twice and before start. */
  stop(graceMs: number): Promise<void>
}

/** @param everyMs From the end of one round to the next, with a quarter of jitter either way; the first waits too. */
export function createRounds(round: () => Promise<void>, everyMs: number): Rounds {
  let timer: NodeJS.Timeout | undefined
  let current: Promise<void> = Promise.resolve()
  let stopped = false

  const plan = () => {
    if (stopped) return
    timer = setTimeout(
      () => {
        current = round().then(plan)
      },
      everyMs * (0.75 + Math.random() / 2),
    )
  }

  return {
    start: plan,
    async stop(graceMs) {
      stopped = true
      clearTimeout(timer)
      await settledWithin(current, graceMs)
    },
  }
}
