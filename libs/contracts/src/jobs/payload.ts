/**
 * A value and the files in it: what goes into a job and what comes out of it. Used wherever the two travel together; a record and
 * the messages of a runner have them side by side.
 */
import type { JsonValue } from './job.ts'

export interface Payload<File> {
  /** With null in the place of each file. */
  value: JsonValue
  files: File[]
}
