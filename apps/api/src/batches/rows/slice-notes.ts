/**
 * What became of the rows of a slice, as an object: a line for each, `[row, custom id, job id]`, or with null for the job and why there
 * is none. So a batch of any size takes little room in Redis. Written by SubmitSlice, read when jobs are canceled and results are written.
 */
import type { ObjectReader } from '@millrace/storage'
import { linesOf } from './lines-of.ts'
import type { RowRefusal } from './row-format.ts'

export interface RowNote {
  row: number
  customId: string | null
  jobId: string | null
  refusal: RowRefusal | null
  /** See ReadRow. */
  told?: string | undefined
}

export const writeNotes = (notes: readonly RowNote[]): Buffer =>
  Buffer.from(
    notes
      .map(({ row, customId, jobId, refusal, told }) => `${JSON.stringify([row, customId, jobId, refusal, told])}\n`)
      .join(''),
  )

export async function readNotes(objects: Pick<ObjectReader, 'get'>, key: string): Promise<RowNote[]> {
  const notes: RowNote[] = []
  for await (const line of linesOf(await objects.get(key))) {
    const [row, customId, jobId, refusal, told] = JSON.parse(line.toString()) as [
      number,
      string | null,
      string | null,
      RowRefusal | null,
      (string | null)?,
    ]
    notes.push({ row, customId, jobId, refusal, told: told ?? undefined })
  }
  return notes
}
