/**
 * The notes of all slices of a batch in the order of its rows. A row that was passed over is in a later slice than those behind it, so
 * some notes wait for it: no more than may be passed over. Used by ResultWriter.
 */
import type { ObjectReader } from '@millrace/storage'
import { readNotes, type RowNote } from './slice-notes.ts'

export interface Slices {
  slices: readonly string[]
  /** Rows of the source; those that are meant have a note each. */
  rows: number
  isMeant(row: number): boolean
}

/** Some at a time. */
export async function* notesInOrder(
  objects: Pick<ObjectReader, 'get'>,
  { slices, rows, isMeant }: Slices,
): AsyncGenerator<RowNote[]> {
  const waiting = new Map<number, RowNote>()
  let row = 0
  for (const key of slices) {
    for (const note of await readNotes(objects, key)) waiting.set(note.row, note)
    const ready: RowNote[] = []
    for (; row < rows; row++) {
      if (!isMeant(row)) continue
      const note = waiting.get(row)
      if (!note) break
      waiting.delete(row)
      ready.push(note)
    }
    yield ready
  }
  yield [...waiting.values()].sort((a, b) => a.row - b.row)
}
