/** What makes checks by a model's schemas costly, for its author: told when a worker publishes it and by `millrace check`. */
import type { Manifest } from '@millrace/contracts'
import { type CostNote, costNotes } from '@millrace/schema'

export interface SchemaNote {
  /** Which one: `input`, `output`, `training input`, `training output`. */
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
