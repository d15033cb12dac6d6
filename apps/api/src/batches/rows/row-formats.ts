/** All ways in which the rows of batches are written. Used by createBatchRunner. */
import { NATIVE_ROWS, type RowFormats } from './row-format.ts'

export const ROW_FORMATS: RowFormats = { native: NATIVE_ROWS, openai: NATIVE_ROWS }
