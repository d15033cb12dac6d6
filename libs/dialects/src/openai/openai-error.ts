/** What went wrong, as OpenAI's clients read it: `error` with message, type, param and code. Called by the routes of OpenAI and for rows of its batches. */
import type { Fault, JobRecord, Problem } from '@millrace/contracts'

export interface OpenaiError {
  status: number
  body: { error: { message: string; type: string; param: string | null; code: string } }
}

type Told = Pick<Problem, 'code' | 'status' | 'title' | 'detail'> & { errors?: readonly Fault[] | undefined }

/** A refused request. */
export function openaiRefusal({ code, status: own, title, detail, errors = [] }: Told): OpenaiError {
  const [fault] = errors
  const more = fault ? errors.map(faultText).join('; ') : detail
  const message = more === title ? title : `${title}: ${more}`
  // There an input that does not fit is a bad request like any other.
  const status = code === 'invalid_input' ? 400 : own
  return openaiError(status, code === 'unauthorized' ? 'invalid_api_key' : code, message, fault && paramOf(fault))
}

/** A job that has ended without success. */
export function openaiFailure({ id, status, error }: Pick<JobRecord, 'id' | 'status' | 'error'>): OpenaiError {
  if (status === 'canceled') return openaiError(409, 'job_canceled', `The job ${id} was canceled.`)
  const { code = 'internal', message = 'It failed.' } = error ?? {}
  const known = code === 'invalid_input' ? 400 : code === 'timeout' || code === 'expired' ? 504 : 500
  return openaiError(known, code, `${message} (${id})`)
}

export function openaiError(status: number, code: string, message: string, param: string | null = null): OpenaiError {
  return { status, body: { error: { message, type: typeOf(status), param, code } } }
}

function typeOf(status: number): string {
  if (status === 401) return 'authentication_error'
  if (status === 403) return 'permission_error'
  if (status === 429) return 'rate_limit_error'
  return status >= 500 ? 'server_error' : 'invalid_request_error'
}

const faultText = (fault: Fault): string => {
  const param = paramOf(fault)
  return param === null ? fault.message : `${param} ${fault.message}`
}

/** `/input/texts/0` is `texts[0]`: the input of a job is what they call the body. */
function paramOf({ path }: Fault): string | null {
  const steps = path
    .replace(/^\/input\//, '/')
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
  const [first, ...rest] = steps
  if (first === undefined || first === '') return null
  return rest.reduce((param, step) => (/^\d+$/.test(step) ? `${param}[${step}]` : `${param}.${step}`), first)
}
