/** A job as a host of AIGES wrappers answers over HTTP. Called by the routes of aiges. */
import type { JobRecord } from '@millrace/contracts'
import { AIGES } from './aiges-codes.ts'
import type { Expected } from './aiges-input.ts'

/** A file in the output, with its bytes. */
export class AigesFile {
  readonly contentType: string
  readonly base64: string

  constructor(contentType: string, base64: string) {
    this.contentType = contentType
    this.base64 = base64
  }
}

/** `output`: one value for each result, with an AigesFile in the place of each file. */
export function aigesAnswer({ id }: JobRecord, output: unknown, expected: Expected): Record<string, unknown> {
  const results = typeof output === 'object' && output !== null && !Array.isArray(output) ? output : { output }
  const payload = Object.fromEntries(
    Object.entries(results).map(([key, value]) => [
      key,
      { ...expected.get(key), seq: '0', status: '3', ...dataOf(value) },
    ]),
  )
  return { header: { code: AIGES.ok, message: 'success', sid: id, status: 3 }, payload }
}

/** Text is sent as it is, and bytes as base64. */
function dataOf(value: unknown): Record<string, string> {
  if (value instanceof AigesFile) {
    const [kind = ''] = value.contentType.split('/')
    return { [['image', 'audio', 'video'].includes(kind) ? kind : 'other']: value.base64 }
  }
  return { text: typeof value === 'string' ? value : JSON.stringify(value, plain) }
}

const plain = (_: string, value: unknown): unknown => (value instanceof AigesFile ? value.base64 : value)

export const aigesError = (code: number, message: string, sid = ''): Record<string, unknown> => ({
  header: { code, message, sid },
  payload: null,
})

/** What a failed job is told as: the words of the wrapper, and its own code behind them. */
export function aigesFailure({ id, status, error }: JobRecord): Record<string, unknown> {
  if (status === 'canceled') return aigesError(AIGES.call, 'canceled', id)
  const { code, message, details = {} } = error ?? { code: 'internal', message: '' }
  if (code === 'invalid_input') return aigesError(AIGES.value, message, id)
  if (code === 'timeout' || code === 'expired') return aigesError(AIGES.late, message, id)
  if (code !== 'model_error') return aigesError(AIGES.call, message, id)
  // A host makes -1 of an exception.
  return aigesError(AIGES.wrapper, `${message};code=${typeof details.code === 'number' ? details.code : -1}`, id)
}
