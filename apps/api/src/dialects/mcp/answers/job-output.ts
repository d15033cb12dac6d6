/** The output of a job, as far as it fits into an answer of MCP, and its files. Called by job-answer.ts. */
import type { FileView, JobRecord } from '@millrace/contracts'
import type { DialectDeps } from '../../dialect.ts'

/** A larger output is not put into an answer: all of it would be read by a language model. Bytes. */
export const MOST_OUTPUT_BYTES = 256 * 1024

export interface JobOutput {
  /** With a view in the place of each file. Undefined: there is none, or it is too large. */
  value: unknown
  isTooLarge: boolean
  files: FileView[]
}

/** What a language model can use of a file. It reads all of it. */
const shown = ({ url, id, name, content_type, size }: FileView) => ({ url, id, name, content_type, size })

/** `base`: how addresses begin. */
export async function outputOf(
  record: JobRecord,
  { values }: Pick<DialectDeps, 'values'>,
  base: string,
): Promise<JobOutput> {
  const { output } = record
  const files: FileView[] = []
  if (output === null) return { value: undefined, isTooLarge: false, files }
  const isTooLarge = 'stored' in output && output.stored.size > MOST_OUTPUT_BYTES
  if (isTooLarge) return { value: undefined, isTooLarge, files }
  const value = await values.output(record, base, (file) => {
    files.push(file)
    return shown(file)
  })
  return { value, isTooLarge, files }
}
