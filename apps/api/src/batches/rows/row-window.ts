/**
 * The lines of a file, a window at a time, so that a file of any size takes no more memory than a window. Called by whoever goes through
 * the rows of a batch.
 */
import { LIMITS } from '@millrace/contracts'
import type { BatchState, RowPlace } from '@millrace/queue'
import type { ObjectReader } from '@millrace/storage'

export interface RawRow {
  place: RowPlace
  /** Undefined: the line is too long to be read. */
  bytes: Buffer | undefined
  /** Where the next one begins. */
  next: RowPlace
}

/** Longest line: as long as the longest body of a submit. */
export const LINE_BYTES = LIMITS.bodyBytes
/** Longer than any line, so that each window has a whole one. */
const WINDOW_BYTES = 2 * LINE_BYTES
const NEWLINE = 0x0a

export const START: RowPlace = { row: 0, line: 1, byte: 0 }

/** The rows from there on, at most so many. Blank lines are none. Empty only when there is no row any more. */
export async function readWindow(
  objects: Pick<ObjectReader, 'get'>,
  { key, size }: BatchState['source'],
  from: RowPlace,
  most: number,
): Promise<RawRow[]> {
  const rows: RawRow[] = []
  let at = from
  while (rows.length === 0 && at.byte < size) {
    const end = Math.min(size, at.byte + WINDOW_BYTES)
    const window = await bytesOf(objects, key, at.byte, end)
    const isLast = end === size
    at = takeRows({ window, isLast, rows, most }, at)
  }
  return rows
}

interface Taking {
  window: Buffer
  /** Nothing comes behind it. */
  isLast: boolean
  rows: RawRow[]
  most: number
}

/** Answers how far it came. */
function takeRows({ window, isLast, rows, most }: Taking, from: RowPlace): RowPlace {
  let at = from
  while (rows.length < most) {
    const start = at.byte - from.byte
    if (start >= window.length) return at
    const found = window.indexOf(NEWLINE, start)
    if (found === -1 && !isLast && start > 0) return at
    const end = found === -1 ? window.length : found
    const bytes = window.subarray(start, end)
    const isBlank = found !== -1 || isLast ? isBlankLine(bytes) : false
    const isLong = bytes.length > LINE_BYTES
    const next: RowPlace = {
      row: at.row + (isBlank ? 0 : 1),
      line: at.line + 1,
      byte: from.byte + Math.min(end + 1, window.length),
    }
    if (!isBlank) rows.push({ place: at, bytes: isLong ? undefined : bytes, next })
    at = next
    // The rest of a line without an end is not looked for: no row behind it is read.
    if (isLong && found === -1) return at
  }
  return at
}

const isBlankLine = (bytes: Buffer): boolean => bytes.every((byte) => byte === 0x20 || byte === 0x0d || byte === 0x09)

async function bytesOf(objects: Pick<ObjectReader, 'get'>, key: string, start: number, end: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of await objects.get(key, { start, end: end - 1 })) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}
