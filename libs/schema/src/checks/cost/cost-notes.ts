/** What an author should know about the price of checks by a schema, without making a checker of it. */
import type { Schema } from '../../subschemas.ts'
import { type CostNote, estimateCost } from './estimate-cost.ts'

export type { CostNote } from './estimate-cost.ts'

/** In sentences that end without a stop; none when all is well. */
export const costNotes = (schema: Schema): readonly CostNote[] => estimateCost(schema).notes
