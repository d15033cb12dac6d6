/** A job with its input and output as the server wrote them: a number keeps its digits. Called by what shows one job. */
import type { Job } from '@millrace/contracts'
import { isObject, type Json, parseJson } from '../json/json.ts'
import { ask } from './call.ts'

export interface ReadJob {
  job: Job
  input: Json
  output: Json
}

export async function readJob(id: string, signal?: AbortSignal): Promise<ReadJob> {
  const answer = await ask(`v1/jobs/${encodeURIComponent(id)}`, { signal })
  return jobIn(await answer.text())
}

export function jobIn(text: string): ReadJob {
  const whole = parseJson(text)
  const parts = isObject(whole) ? whole : new Map<string, Json>()
  return { job: JSON.parse(text) as Job, input: parts.get('input') ?? null, output: parts.get('output') ?? null }
}

/** A page does not show more of an output; it can be saved. Bytes. */
const MOST_BYTES = 2_000_000

/** An output that is too large for the answer of a job: its value, or how large it is. */
export async function readLargeOutput(id: string, signal?: AbortSignal): Promise<{ value: Json } | { bytes: number }> {
  const answer = await ask(outputPath(id), { signal })
  const bytes = Number(answer.headers.get('content-length') ?? Number.NaN)
  if (!(bytes <= MOST_BYTES)) {
    await answer.body?.cancel()
    return { bytes }
  }
  return { value: parseJson(await answer.text()) ?? null }
}

export const outputPath = (id: string): string => `v1/jobs/${encodeURIComponent(id)}/output`
