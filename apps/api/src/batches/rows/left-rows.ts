/**
 * Rows of a batch that were passed over, because their models take none just now: the state of the batch has a bit for each, from the
 * first of them on. So rows of other models go on, and a batch of any size takes little room. Used by SubmitSlice.
 */
import type { BatchState, RowPlace } from '@millrace/queue'
import { RowBits } from './row-bits.ts'

type Left = BatchState['left']

/** So far the rows behind the first that was passed over may be looked at, in rows and in bytes. */
export interface LookAhead {
  rows: number
  bytes: number
}

export const LOOK_AHEAD: LookAhead = { rows: 5000, bytes: 4 * 1024 * 1024 }

export function leftRowsOf(left: Left): Set<number> {
  const rows = new Set<number>()
  if (!left) return rows
  const bits = new RowBits(left.rows)
  for (let n = 0; n < bits.size; n++) if (bits.has(n)) rows.add(left.from.row + n)
  return rows
}

/** `from`: no row that is left is before it. `models`: those that they are of; null: all have to wait. */
export function toLeft(from: RowPlace, rows: ReadonlySet<number>, models: readonly string[] | null): Left {
  if (rows.size === 0) return null
  const bits = new RowBits(null, Math.max(...rows) - from.row + 1)
  for (const row of rows) bits.add(row - from.row)
  return { from, rows: bits.toString(), models }
}

/** Whether the rows behind those that are left may be looked at. */
export function mayGoAhead({ at, left, source }: Pick<BatchState, 'at' | 'left' | 'source'>, most: LookAhead): boolean {
  if (at.byte >= source.size) return false
  if (!left) return true
  return left.models !== null && at.row - left.from.row < most.rows && at.byte - left.from.byte < most.bytes
}
