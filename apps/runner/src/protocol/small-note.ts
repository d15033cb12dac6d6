/**
 * Notes that a model adds to a result or an error, for programs to read. Both ends of the pipe apply the limit of size.
 */
import { LIMITS } from '@millrace/contracts'
import { isTooDeep } from './is-too-deep.ts'

/** The note itself. Undefined when it is not JSON, nested too deeply, or larger than LIMITS.modelNoteBytes. */
export function smallNote(note: Record<string, unknown> | undefined): Record<string, unknown> | undefined {
  try {
    return note === undefined || isTooDeep(note) || Buffer.byteLength(JSON.stringify(note)) > LIMITS.modelNoteBytes
      ? undefined
      : note
  } catch {
    return undefined
  }
}

/** The line in the log of a run when a note was left out. */
export const noteLeftOut = (what: 'details' | 'metrics'): string =>
  `the ${what} were left out: they are no JSON of at most ${LIMITS.modelNoteBytes / 1024} KB`
