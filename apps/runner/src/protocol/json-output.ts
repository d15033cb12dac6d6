/**
 * The sizes at which JSON is too large for a frame and travels in a file of the run's folder instead. Both ends of the pipe
 * use them, beside LIMITS.
 */
import { LIMITS } from '@millrace/contracts'

/** A larger JSON value travels as a file in the run's folder. This leaves half a frame for the rest of the message. Bytes. */
export const SPILL_BYTES = LIMITS.frameBytes / 2

/** A larger JSON output is refused: so much data belongs into a file. Bytes. */
export const JSON_OUTPUT_BYTES = 64 * 1024 * 1024

/**
 * A file in the run's folder. Each piece of a streamed output is one line of JSON, with `chunk` and `files`. See
 * partial-output.ts.
 */
export const CHUNKS_FILE = '.chunks.jsonl'
