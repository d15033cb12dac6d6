/** One action on some jobs, each by its id, a few at a time. Called by the dialog of an action. */
import type { JobActionKind } from '@millrace/contracts'
import { call, CallError } from '../data/call.ts'

export interface EachTally {
  done: number
  /** Refusals by their words. */
  refused: Map<string, number>
}

/** Enough to be quick, and few enough to leave connections for the page itself. */
const AT_ONCE = 3

const WAYS = {
  cancel: { method: 'POST', end: '/cancel' },
  retry: { method: 'POST', end: '/retry' },
  purge: { method: 'DELETE', end: '' },
} as const satisfies Record<JobActionKind, { method: string; end: string }>

/** Does it to one job. Rejects with CallError. */
export async function doOne(kind: JobActionKind, id: string): Promise<void> {
  const { method, end } = WAYS[kind]
  await call(`v1/jobs/${encodeURIComponent(id)}${end}`, { method })
}

/** `told` hears of each step. Once the signal is aborted, no further job is touched. */
export async function doEach(
  kind: JobActionKind,
  ids: readonly string[],
  { signal, told }: { signal: AbortSignal; told: (tally: EachTally) => void },
): Promise<EachTally> {
  const tally: EachTally = { done: 0, refused: new Map() }
  const left = [...ids]
  const work = async (): Promise<void> => {
    for (let id = left.shift(); id !== undefined && !signal.aborted; id = left.shift()) {
      try {
        await doOne(kind, id)
        tally.done += 1
      } catch (error) {
        if (!(error instanceof CallError)) throw error
        tally.refused.set(error.message, (tally.refused.get(error.message) ?? 0) + 1)
      }
      told({ ...tally })
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return tally
}
