/**
 * One request to the API and its answer; a refusal is a CallError with the problem as the API tells it. Addresses are relative to
 * the page, so that it works below any path. Used by everything that asks or changes something.
 */
import type { Fault, Problem } from '@millrace/contracts'
import { learnTime } from './clock.ts'
import { loseSession } from './session.ts'

/** `unreachable`: no answer. `unreadable`: an answer that is not the API's. Else a code of the problem table. */
export type CallCode = Problem['code'] | 'unreachable' | 'unreadable'

export class CallError extends Error {
  readonly code: CallCode
  readonly status: number
  /** What the server says of it; absent where it has said nothing. */
  readonly problem: Problem | undefined
  /** Seconds after which to try again, where the server has said so. */
  readonly retryAfter: number | undefined

  constructor(code: CallCode, status: number, problem?: Problem, retryAfter?: number) {
    super(problem?.detail ?? code)
    this.name = 'CallError'
    this.code = code
    this.status = status
    this.problem = problem
    this.retryAfter = retryAfter
  }

  /** Each fault of the request, by the path to its value. */
  get faults(): readonly Fault[] {
    return this.problem?.errors ?? []
  }
}

export interface CallOptions {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Sent as JSON. */
  body?: unknown
  /** Sent as it is, in the place of `body`: JSON whose numbers keep the digits that were typed. */
  text?: string
  headers?: Record<string, string>
  signal?: AbortSignal
}

/** Asks `v1/…`. Rejects with CallError, or as the signal says. */
export async function ask(path: string, options: CallOptions = {}): Promise<Response> {
  const { method = 'GET', body, text, headers, signal } = options
  const sent = text ?? (body === undefined ? undefined : JSON.stringify(body))
  const type: Record<string, string> = sent === undefined ? {} : { 'content-type': 'application/json' }
  let answer: Response
  try {
    const init = { method, headers: { accept: 'application/json', ...type, ...headers }, body: sent, signal }
    answer = await fetch(path, { ...init, cache: 'no-store' })
  } catch (error) {
    if (signal?.aborted) throw error
    throw new CallError('unreachable', 0)
  }
  learnTime(answer.headers.get('date'))
  if (answer.ok || answer.status === 304) return answer
  throw await toCallError(answer)
}

/** The same, with the answer as JSON; undefined where it has none. */
export async function call<Answer>(path: string, options: CallOptions = {}): Promise<Answer> {
  const answer = await ask(path, options)
  return readJson<Answer>(answer)
}

export async function readJson<Answer>(answer: Response): Promise<Answer> {
  if (answer.status === 204) return undefined as Answer
  try {
    return (await answer.json()) as Answer
  } catch {
    throw new CallError('unreadable', answer.status)
  }
}

/** What a refusal says. A session that has ended leads to the log-in. Used for uploads too, which are no `fetch`. */
export async function toCallError(answer: Response): Promise<CallError> {
  const problem = await readProblem(answer)
  const retryAfter = Number(answer.headers.get('retry-after') ?? Number.NaN)
  if (problem?.code === 'unauthorized') loseSession()
  return new CallError(
    problem?.code ?? (answer.status >= 500 ? 'unreachable' : 'unreadable'),
    answer.status,
    problem,
    Number.isFinite(retryAfter) ? retryAfter : undefined,
  )
}

async function readProblem(answer: Response): Promise<Problem | undefined> {
  if (!answer.headers.get('content-type')?.startsWith('application/problem+json')) return undefined
  return answer.json().catch(() => undefined) as Promise<Problem | undefined>
}
