/** What DEEPaaS answers when a prediction has failed. Called by the routes of DEEPaaS. */
import type { JobError } from '@millrace/contracts'

/** A text is sent as text, all else as JSON. */
export interface FailedAnswer {
  status: number
  body: unknown
}

/** That server never says what went wrong inside a model. */
const INTERNAL: FailedAnswer = {
  status: 500,
  body: '500 Internal Server Error\n\nServer got itself in trouble',
}

export function failedAnswer({
  code,
  message,
  details = {},
}: Pick<JobError, 'code' | 'message' | 'details'>): FailedAnswer {
  const status = typeof details.status === 'number' ? details.status : undefined
  if (status === 422 && isObject(details.errors)) return { status, body: details.errors }
  if (code === 'invalid_output') {
    return { status: 500, body: '500: ERROR validating model response, check server logs.' }
  }
  // The model itself asked for this answer. The original hangs then.
  if (status !== undefined && status !== 500) {
    return { status, body: `${status}: ${typeof details.reason === 'string' ? details.reason : message}` }
  }
  // Refused for what the check before the run could not see, such as a file that is no image.
  if (code === 'invalid_input') return { status: 422, body: { _schema: [message] } }
  if (code === 'timeout') return { status: 504, body: `504: ${message}` }
  return code === 'model_error' ? INTERNAL : { status: 500, body: `${INTERNAL.body as string}` }
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
