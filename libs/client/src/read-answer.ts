/** What is read of an answer; a rejection that is no ApiError means that the connection broke before it was whole. */
import type { Problem } from '@millrace/contracts'
import { ApiError } from './client-errors.ts'

/** The JSON of an answer. Rejects with ApiError when it is whole but no JSON. */
export async function readJson<T>(response: Response): Promise<T> {
  const text = await response.text()
  try {
    return JSON.parse(text) as T
  } catch {
    const detail = 'The answer is not JSON. Is this the address of a Millrace server?'
    throw new ApiError({ title: 'Unexpected answer', detail, status: response.status })
  }
}

/** The error of an answer that is a refusal. Rejects when the connection breaks before it is whole. */
export async function readProblem(response: Response): Promise<ApiError> {
  const problem = parseProblem(await response.text())
  if (problem) return new ApiError(problem)
  const detail = 'The answer does not look like one of Millrace: is there a proxy, or another server, at this address?'
  return new ApiError({ title: `HTTP ${response.status}`, detail, status: response.status })
}

function parseProblem(text: string): Problem | undefined {
  try {
    const body = JSON.parse(text) as Partial<Problem> | null
    const isProblem =
      typeof body?.code === 'string' && typeof body.title === 'string' && typeof body.detail === 'string'
    return isProblem ? (body as Problem) : undefined
  } catch {
    return undefined
  }
}
