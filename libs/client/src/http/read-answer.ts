/** Reads answers. A rejection other than ApiError means that the connection broke before the answer was complete. */
import type { Problem } from '@millrace/contracts'
import { ApiError } from '../client-errors.ts'

/** The JSON of an answer. Rejects with ApiError when the answer is complete but not JSON. */
export async function readJson<T>(response: Response): Promise<T> {
  const text = await response.text()
  try {
    return JSON.parse(text) as T
  } catch {
    const detail = 'The answer is not JSON. Is this the address of a Millrace server?'
    throw new ApiError({ title: 'Unexpected answer', detail, status: response.status })
  }
}

/** The error of an answer that is a refusal. Rejects when the connection breaks before the answer is complete. */
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

/**
 * The same answer with a body that fails when the signal is aborted, or when a reader has waited `silenceMs` for a
 * byte.
 */
export function heardAnswer(answer: Response, silenceMs: number, signal: AbortSignal | undefined): Response {
  const reader = answer.body?.getReader()
  if (!reader) return answer
  let fail: (reason: unknown) => void
  const stop = (): void => fail(signal?.reason)
  const over = (): void => signal?.removeEventListener('abort', stop)
  const pull = async (to: ReadableStreamDefaultController<Uint8Array>): Promise<void> => {
    const late = setTimeout(() => fail(new Error(`nothing came within ${silenceMs / 1000} s`)), silenceMs)
    const { done, value } = await reader.read().finally(() => clearTimeout(late))
    if (!done) return to.enqueue(value)
    over()
    to.close()
  }
  const body = new ReadableStream(
    {
      start(to) {
        fail = (reason) => {
          over()
          to.error(reason)
          void reader.cancel(reason).catch(() => undefined)
        }
        if (signal?.aborted) stop()
        signal?.addEventListener('abort', stop, { once: true })
      },
      pull: (to) => pull(to).catch(fail),
      cancel: (reason) => (over(), reader.cancel(reason)),
    },
    { highWaterMark: 0 },
  )
  return new Response(body, answer)
}
