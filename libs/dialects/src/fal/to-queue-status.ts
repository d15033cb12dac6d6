/** A job as fal's queue shows it. Called by the routes of fal. */
import { isTerminal, type JobRecord } from '@millrace/contracts'

export interface QueueStatusParts {
  record: JobRecord
  /** How many wait before it, where that is known. */
  ahead: number | null
  /** Undefined: nobody asked for them. */
  logs: FalLog[] | undefined
  /** How the addresses of the request begin: up to its id. */
  requests: string
}

export interface FalLog {
  message: string
  timestamp: string
  level: string
  source: 'USER'
}

export type FalStatus = 'IN_QUEUE' | 'IN_PROGRESS' | 'COMPLETED'

export const falStatusOf = ({ status }: Pick<JobRecord, 'status'>): FalStatus =>
  isTerminal(status) ? 'COMPLETED' : status === 'running' ? 'IN_PROGRESS' : 'IN_QUEUE'

export function toQueueStatus({ record, ahead, logs, requests }: QueueStatusParts): Record<string, unknown> {
  const status = falStatusOf(record)
  const response_url = `${requests}/${record.id}`
  const failure = record.status === 'succeeded' || status !== 'COMPLETED' ? undefined : falFailure(record)
  return {
    status,
    request_id: record.id,
    gateway_request_id: record.id,
    ...(status === 'IN_QUEUE' && { queue_position: ahead ?? 0 }),
    ...{ response_url, status_url: `${response_url}/status`, cancel_url: `${response_url}/cancel` },
    // One client reads them whether it asked or not.
    ...(status !== 'IN_QUEUE' && { logs: logs ?? [] }),
    ...(status === 'COMPLETED' && { metrics: { inference_time: record.run_seconds ?? 0 } }),
    ...(failure && { error: failure.message, error_type: failure.type }),
  }
}

interface FalFailure {
  status: number
  type: string
  message: string
}

/** What its result is answered with. Only what the client got wrong has a status below 500. */
export function falFailure({ status, error }: Pick<JobRecord, 'status' | 'error'>): FalFailure {
  if (status === 'canceled') return { status: 499, type: 'client_cancelled', message: 'The request was cancelled.' }
  const { code, message } = error ?? { code: 'internal', message: '' }
  if (code === 'invalid_input') return { status: 422, type: 'value_error', message }
  if (code === 'expired') return { status: 504, type: 'startup_timeout', message }
  if (code === 'timeout') return { status: 504, type: 'generation_timeout', message }
  if (code === 'model_error' || code === 'invalid_output') return { status: 422, type: 'model_error', message }
  return { status: 500, type: 'internal_server_error', message }
}

/** The body of that answer: in the form in which fal's models tell of invalid inputs. */
export const falDetail = ({ type, message }: FalFailure): Record<string, unknown> => ({
  detail: [{ loc: ['body'], msg: message, type }],
})
