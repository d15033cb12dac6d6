/** What a model adds to a result or an error for programs to read. Both ends of the pipe keep its size. */
import { LIMITS } from '@millrace/contracts'
import { splitOutput } from '@millrace/model'
import { isTooDeep } from './accept-output.ts'

/** The note, or undefined when it is no JSON, nested too deeply, or larger than LIMITS.modelNoteBytes. */
export function smallNote(note: Record<string, unknown> | undefined): Record<string, unknown> | undefined {
  try {
    return note === undefined || isTooDeep(note) || Buffer.byteLength(JSON.stringify(note)) > LIMITS.modelNoteBytes
      ? undefined
      : note
  } catch {
    return undefined
  }
}

/** In the model's own process: the note as JSON, or undefined when JSON would change it. */
export function plainNote(note: Record<string, unknown>): Record<string, unknown> | undefined {
  try {
    const { value, files } = splitOutput(note)
    return files.length === 0 ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

/** What the log of a run says of a note that was left out. */
export const noteLeftOut = (what: 'details' | 'metrics'): string =>
  `the ${what} were left out: they are no JSON of at most ${LIMITS.modelNoteBytes / 1024} KB`
