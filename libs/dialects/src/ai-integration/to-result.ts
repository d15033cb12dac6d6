/** A job as the HTTP mode of ai_integration answers, which is also what DeepAI's own API answers. Called by its routes. */
import type { JobRecord } from '@millrace/contracts'

/** A value as an address: `data:`, or where a large file is. */
export interface ShownInput {
  is_img: boolean
  url: string
}

export interface ResultParts {
  record: JobRecord
  inputs: ShownInput[]
  /** What the model gave. A model of this convention gives `{content_type, data}`. */
  output: unknown
  /** The address of the output, where it is a file. */
  outputUrl: string | null
  /** What the model said that a page needs to show its answers. */
  visualizer: unknown
}

export function toResult({ record, inputs, output, outputUrl, visualizer }: ResultParts): Record<string, unknown> {
  if (record.status !== 'succeeded') return { err: refusalOf(record) }
  return {
    id: record.id,
    output_url: outputUrl,
    scale_applied: 1,
    inputs,
    output: outputUrl === null ? dataOf(output) : null,
    visualizer_data: visualizer ?? null,
  }
}

/** The data of a result; what a model of another convention gives is all of it. */
function dataOf(output: unknown): unknown {
  const isResult = typeof output === 'object' && output !== null && 'content_type' in output && 'data' in output
  return isResult ? output.data : (output ?? null)
}

/** That server shows the result that says no, as Python prints it. The error alone is kept of it. */
function refusalOf({ status, error }: JobRecord): string {
  const { message = 'canceled', details = {} } = status === 'canceled' ? {} : (error ?? {})
  const text = typeof details.traceback === 'string' ? details.traceback : message
  return `{'content-type': 'text/plain', 'data': None, 'success': False, 'error': ${pythonText(text)}}`
}

/** A text as Python prints it in a dict. */
export function pythonText(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'"
  const plain = text
    .replaceAll('\\', '\\\\')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t')
    .replaceAll(quote, `\\${quote}`)
  return `${quote}${plain}${quote}`
}
