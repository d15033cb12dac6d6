/**
 * Tells the author of a model why checks by its schemas are costly. Used by a worker when it publishes the model, and by
 * `millrace check` and `doctor`.
 */
import type { Manifest } from '@millrace/contracts'
import { type CostNote, costNotes } from '@millrace/schema'

export interface SchemaNote {
  /** The schema: `input`, `output`, `training input` or `training output`. */
  schema: string
  note: CostNote
}

export function costNotesOf({ input_schema, output_schema, training }: Manifest): SchemaNote[] {
  const schemas: [string, Record<string, unknown> | undefined][] = [
    ['input', input_schema],
    ['output', output_schema],
    ['training input', training?.input_schema],
    ['training output', training?.output_schema],
  ]
  return schemas.flatMap(([schema, source]) => (source ? costNotes(source).map((note) => ({ schema, note })) : []))
}
