/**
 * What the record keeps of its moves: a line for each, as `tell_move` in libs/queue/src/scripts/jobs/prelude.lua writes it. The
 * attempts of the job are read from it, and its log as long as the job says nothing itself. Called by record-fields.ts and
 * event-log.ts.
 */
import { type Attempt, isoTime, isTerminal, type JobStatus } from '@millrace/contracts'

/** The reason of a claim that goes on from a checkpoint. */
export const RESUMED_REASON = 'resumed'

interface Move {
  eventId: string
  atMs: number
  status: JobStatus
  /** Starts of the model until then. */
  starts: number
  reason: string
  /** Of a claim: fence, worker, version. Of the end of an attempt: milliseconds in the worker before the model, of its run, device, milliseconds of its fetch. */
  columns: string[]
}

const toMove = (line: string): Move => {
  const [eventId = '', status = '', starts, reason = '', ...columns] = line.split('\t')
  const atMs = Number.parseInt(eventId, 10)
  return { eventId, atMs, status: status as JobStatus, starts: Number(starts), reason, columns }
}

const movesOf = (text: string): Move[] => text.split('\n').filter(Boolean).map(toMove)

/** The events that the moves are, as they were told: id and JSON. */
export const eventsOfMoves = (text: string): (readonly [id: string, json: string])[] =>
  movesOf(text).map(({ eventId, status, starts, reason }) => [
    eventId,
    JSON.stringify({ type: 'status', status, attempt: starts, ...(reason !== '' && { reason }) }),
  ])

export interface Told {
  attempts: Attempt[]
  /** It was run again since the last attempt, which says nothing of its new life. */
  isAnew: boolean
}

/** `dueMs`: when it could be started first. `beganMs`: of the attempt that goes on, how long it was in the worker before its model began. */
export function readMoves(text: string, dueMs: number, beganMs: number | undefined): Told {
  const moves = movesOf(text)
  const attempts: Attempt[] = []
  let isAnew = false
  let sinceMs: number | undefined = dueMs
  let fence = 0
  for (const [i, move] of moves.entries()) {
    if (move.status !== 'running') {
      const before = moves[i - 1]
      if (before && isTerminal(before.status)) isAnew = true
      sinceMs = move.atMs
      continue
    }
    // Of very many attempts those in the middle are not kept, and so it is not known when the one before ended.
    const claimed = Number(move.columns[0])
    if (claimed !== fence + 1) sinceMs = undefined
    fence = claimed
    isAnew = false
    attempts.push(toAttempt(move, moves[i + 1], { sinceMs, beganMs }))
  }
  return { attempts, isAnew }
}

interface Around {
  sinceMs: number | undefined
  beganMs: number | undefined
}

function toAttempt(claim: Move, end: Move | undefined, { sinceMs, beganMs }: Around): Attempt {
  const [, worker, version] = claim.columns
  const [waited, ran, device, fetched] = end ? end.columns : [beganMs]
  const startedMs = waited === undefined || waited === '' ? undefined : claim.atMs + Number(waited)
  const hasBegun = !end || end.starts === claim.starts
  const leftMs = startedMs ?? (hasBegun ? claim.atMs : end.atMs)
  return {
    number: hasBegun ? claim.starts : null,
    worker: worker || null,
    version: version || null,
    device: device ? String(device) : null,
    claimed_at: isoTime(claim.atMs),
    started_at: startedMs === undefined ? null : isoTime(startedMs),
    ended_at: end ? isoTime(end.atMs) : null,
    queue_seconds: sinceMs === undefined ? null : Math.max(0, leftMs - sinceMs) / 1000,
    fetch_seconds: fetched ? Number(fetched) / 1000 : null,
    run_seconds: ran ? Number(ran) / 1000 : null,
    resumed: claim.reason === RESUMED_REASON,
    ...outcomeOf(end),
  }
}

function outcomeOf(end: Move | undefined): Pick<Attempt, 'outcome' | 'error'> {
  if (!end) return { outcome: 'running', error: null }
  const { status, reason } = end
  if (reason === 'worker lost' || reason === 'worker_lost') return { outcome: 'worker_lost', error: 'worker_lost' }
  if (status === 'succeeded' || status === 'canceled') return { outcome: status, error: null }
  if (status === 'queued' && reason === 'released') return { outcome: 'released', error: null }
  return { outcome: 'failed', error: reason || null }
}
