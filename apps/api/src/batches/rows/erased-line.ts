/**
 * A row that was erased: a line as long as it was, so that all others are where they were, with nothing of it. It counts as a row of which
 * there is no job. Used by EraseRows, and by whoever reads rows.
 */
import type { RowRefusal } from './row-format.ts'

/** Shorter than any row with metadata. */
const MARK = Buffer.from('{"erased":true}')
const SPACE = 0x20

export const ROW_ERASED: RowRefusal = { code: 'row_erased', message: 'The row was erased.' }

export const isErasedLine = (line: Buffer): boolean =>
  line.subarray(0, MARK.length).equals(MARK) && line.subarray(MARK.length).every((byte) => byte === SPACE)

/** The place of a line that is to be erased. */
export interface Span {
  byte: number
  length: number
}

/** The same bytes with these lines erased, which are given in their order. */
export async function* eraseLines(chunks: AsyncIterable<Uint8Array>, spans: readonly Span[]): AsyncGenerator<Buffer> {
  let offset = 0
  let next = 0
  for await (const chunk of chunks) {
    const bytes = Buffer.from(chunk)
    const end = offset + bytes.length
    for (let span = spans[next]; span && span.byte < end; span = spans[next]) {
      const until = span.byte + span.length
      for (let at = Math.max(span.byte, offset); at < Math.min(until, end); at++) {
        bytes[at - offset] = MARK[at - span.byte] ?? SPACE
      }
      // The rest of it comes with the next chunk.
      if (until > end) break
      next++
    }
    offset = end
    yield bytes
  }
}
