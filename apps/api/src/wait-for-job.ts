/**
 * Waits until a job has ended: one shared subscription gives the hint, the record tells the truth. Survives an absence of
 * Redis in the middle of the wait. Called by reads with `?wait=` and submits with `Prefer: wait=`.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { isTerminal, type JobId, type JobRecord, ProblemError } from '@millrace/contracts'
import { type ChangeFeed, isUnavailable, type JobStore } from '@millrace/queue'
import { storeBudget } from './store-budget.ts'

/** A hint may get lost: the record is read at least this often. Milliseconds. */
const REREAD_MS = 10_000
/** While Redis or the feed is away. Milliseconds. */
const AWAY_MS = 500

export interface Wait {
  jobs: Pick<JobStore, 'get'>
  changes: Pick<ChangeFeed, 'ended'>
  tenant: string
  seconds: number
  /** Ends the wait early: the client has gone, or the server closes. */
  signals: readonly (AbortSignal | undefined)[]
}

export type Found = JobRecord | 'purged' | undefined

/** The job when it has ended, or as it is when the time is over. Throws when Redis is away at the start
 * or at the end of the wait. */
export async function waitForJob(id: JobId, wait: Wait): Promise<Found> {
  const over = new AbortController()
  const end = () => over.abort()
  const timer = setTimeout(end, wait.seconds * 1000)
  for (const signal of wait.signals) {
    if (signal?.aborted) end()
    signal?.addEventListener('abort', end, { once: true })
  }
  try {
    // A Redis that is away from the start is told at once; one that goes away later may come back in time.
    for (let mayWait = false; ; mayWait = true) {
      const found = await oneRound(id, wait, over.signal, mayWait)
      if (found !== 'again') return found.record
    }
  } finally {
    clearTimeout(timer)
    for (const signal of wait.signals) signal?.removeEventListener('abort', end)
  }
}

/** Listens first and reads then, so that no change falls between the two. */
async function oneRound(
  id: JobId,
  wait: Wait,
  over: AbortSignal,
  mayWait: boolean,
): Promise<'again' | { record: Found }> {
  const round = new AbortController()
  const end = () => round.abort()
  const timer = setTimeout(end, REREAD_MS)
  over.addEventListener('abort', end, { once: true })
  try {
    const hint = over.aborted ? Promise.resolve(null) : wait.changes.ended(id, round.signal)
    const read = await readOnce(id, wait, mayWait && !over.aborted)
    if (read !== 'away' && (over.aborted || hasEnded(read.record))) return read
    const heard = read === 'away' ? null : await hint
    if (heard === null && !round.signal.aborted)
      await pause(AWAY_MS, undefined, { signal: over }).catch(() => undefined)
    return 'again'
  } finally {
    clearTimeout(timer)
    over.removeEventListener('abort', end)
    round.abort()
  }
}

async function readOnce(id: JobId, wait: Wait, mayFail: boolean): Promise<'away' | { record: Found }> {
  try {
    return { record: await storeBudget()(wait.jobs.get(id, wait.tenant)) }
  } catch (error) {
    const isAway = isUnavailable(error) || (error instanceof ProblemError && error.code === 'unavailable')
    if (!mayFail || !isAway) throw error
    return 'away'
  }
}

const hasEnded = (found: Found): boolean => found === undefined || found === 'purged' || isTerminal(found.status)
