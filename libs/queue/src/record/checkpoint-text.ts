/**
 * A checkpoint as the record of its job keeps it: what scripts reckon with, with tabs between, and then all else as JSON. Written by
 * libs/queue/src/scripts/checkpoints/keep.lua, read by record-table.ts.
 */
import { type Checkpoint, isoTime } from '@millrace/contracts'

/** The part of it that no script looks into. */
export type CheckpointText = Pick<Checkpoint, 'state' | 'files'>

export function readCheckpoint(text: string | undefined): Checkpoint | null {
  if (!text) return null
  const [at = '', bytes = '', folder = '', version = '', ...rest] = text.split('\t')
  return {
    ...{ created_at: isoTime(Number(at)), stored_bytes: Number(bytes), folder, version },
    // JSON has no tabs of its own, but nothing is lost if it had.
    ...(JSON.parse(rest.join('\t')) as CheckpointText),
  }
}
