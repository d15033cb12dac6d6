/**
 * Tells an author why checks by a schema may be slow. It needs the schema only and makes no checker. Called by the host for
 * the command line.
 */
import type { Schema } from '../../subschemas.ts'
import { type CostNote, estimateCost } from './estimate-cost.ts'

export type { CostNote } from './estimate-cost.ts'

/** Each note is a sentence without the full stop at its end. The list is empty when the schema is cheap to check. */
export const costNotes = (schema: Schema): readonly CostNote[] => estimateCost(schema).notes
