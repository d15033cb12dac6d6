/** Turns a note from a model's author into JSON. Called by answer-run.ts. */
import { splitOutput } from '@millrace/model'

/** The note as JSON, or undefined when JSON would change it. */
export function plainNote(note: Record<string, unknown>): Record<string, unknown> | undefined {
  try {
    const { value, files } = splitOutput(note)
    return files.length === 0 ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
