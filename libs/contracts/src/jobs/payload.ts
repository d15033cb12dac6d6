/**
 * A value together with its files: what goes into a job and what comes out of it. Code that passes both on uses this
 * shape; the record and the runner's messages keep them side by side.
 */
import type { JsonValue } from './job.ts'

export interface Payload<File> {
  /** The value, with null in the place of each file. */
  value: JsonValue
  files: File[]
}
