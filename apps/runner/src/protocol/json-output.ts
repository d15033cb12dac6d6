/** How JSON travels that is too large for a frame: by files in the run's folder. Both ends of the pipe keep it, beside LIMITS. */
import { LIMITS } from '@millrace/contracts'

/** A JSON value above this travels as a file in the run's folder; leaves half a frame for the rest of the message. Bytes. */
export const SPILL_BYTES = LIMITS.frameBytes / 2

/** A JSON output above this is refused: what is larger belongs into a file. Bytes. */
export const JSON_OUTPUT_BYTES = 64 * 1024 * 1024

/** In the run's folder: each piece of a streamed output, a line of JSON with `chunk` and `files`. See partial-output.ts. */
export const CHUNKS_FILE = '.chunks.jsonl'
