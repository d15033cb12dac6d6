/** All ways in which the rows of batches are written: ours, and those of dialects. Handed to the runner of batches by startApi. */
import { NATIVE_ROWS, type RowFormats } from '../batches/rows/row-format.ts'
import { OPENAI_ROWS } from './openai/openai-rows.ts'

export const ROW_FORMATS: RowFormats = { native: NATIVE_ROWS, openai: OPENAI_ROWS }
