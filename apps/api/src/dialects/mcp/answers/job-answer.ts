/**
 * A job as the answer of a tool. What clients are strict about: an answer has structured content that is an object, or says
 * `isError` and has none. Called by call-tool.ts and by the tasks.
 */
import type { FileView, JobRecord } from '@millrace/contracts'
import type { JobReader } from '@millrace/queue'
import type { DialectDeps } from '../../dialect.ts'
import { placeText } from './place-text.ts'
import { type JobOutput, MOST_OUTPUT_BYTES, outputOf } from './job-output.ts'

export interface TextPart {
  type: 'text'
  text: string
}

export interface LinkPart {
  type: 'resource_link'
  uri: string
  name: string
  mimeType: string
  size: number
}

/** What tools/call answers with. A type, for an interface would not do as the result that the protocol takes. */
export type ToolAnswer = {
  content: (TextPart | LinkPart)[]
  structuredContent?: Record<string, unknown>
  isError?: true
}

/** More links than this help nobody. All files stand in the output. */
const MOST_LINKS = 100
/** Of what a failed job had given by then. Characters. */
const PARTIAL_CHARS = 2000

export type AnswerDeps = Pick<DialectDeps, 'values'>

/** The answer of the tool that the job came from, or of one that waited for it. `base`: how addresses begin. */
export async function answerOf(record: JobRecord, deps: AnswerDeps, base: string): Promise<ToolAnswer> {
  if (record.status === 'queued' || record.status === 'running') return goingOn(record)
  const output = await outputOf(record, deps, base)
  if (record.status !== 'succeeded') return errorAnswer(failureText(record, output))
  return done(record, output)
}

/** How it is with the job. That it has failed is no error of the question. */
export async function statusAnswerOf(
  record: JobRecord,
  deps: AnswerDeps & { jobs: Pick<JobReader, 'place'> },
  base: string,
): Promise<ToolAnswer> {
  if (record.status === 'queued') {
    const place = await deps.jobs.place(record)
    return goingOn(record, { model: record.model, ...(place && { queue: placeText(record, place) }) })
  }
  if (record.status === 'running') return goingOn(record, { model: record.model })
  const output = await outputOf(record, deps, base)
  if (record.status === 'succeeded') return done(record, output, { model: record.model })
  const { error, model } = record
  const message = failureText(record, output)
  const more = { ...(error && { error: { code: error.code, message: error.message } }), model, message }
  return { content: [{ type: 'text', text: message }], structuredContent: { ...headOf(record), ...more } }
}

/** Of a cancel. */
export function canceledAnswerOf(record: JobRecord): ToolAnswer {
  const { id, status, cancel_requested } = record
  const isStopping = status === 'running' && cancel_requested
  const message = isStopping ? `The job ${id} was told to stop.` : `The job ${id} is ${status}.`
  return {
    content: [{ type: 'text', text: message }],
    structuredContent: { job_id: id, status, cancel_requested, message },
  }
}

/** The call came to nothing. Without structured content: some clients would hold it against the schema of the output. */
export const errorAnswer = (text: string): ToolAnswer => ({ content: [{ type: 'text', text }], isError: true })

function done(record: JobRecord, { value, isTooLarge, files }: JobOutput, more: object = {}): ToolAnswer {
  const { id } = record
  if (isTooLarge) {
    const message = `The job ${id} has succeeded. Its output is above ${MOST_OUTPUT_BYTES / 1024} KB: read the resource ${jobUri(id)}/output, or GET /v1/jobs/${id}/output.`
    return {
      content: [{ type: 'text', text: message }],
      structuredContent: { ...headOf(record), ...more, message },
    }
  }
  const text = typeof value === 'string' ? value : JSON.stringify(value ?? null)
  return {
    content: [{ type: 'text', text }, ...files.slice(0, MOST_LINKS).map(linkTo)],
    structuredContent: { output: value, ...headOf(record), ...more },
  }
}

const headOf = ({ id, status }: JobRecord) => ({ job_id: id, status })

function goingOn(record: JobRecord, more: { model?: string; queue?: string } = {}): ToolAnswer {
  const { id, progress } = record
  const where = more.queue === undefined ? '' : ` It is ${more.queue}.`
  const message = `${stateText(record)}${where} Call wait_for_job with {"job_id":"${id}"} for its output.`
  return {
    content: [{ type: 'text', text: message }],
    structuredContent: { ...headOf(record), ...more, ...(progress && { progress: progress.fraction }), message },
  }
}

/** How it is with a job that has not ended, in a sentence. */
export function stateText({ id, status, progress, cancel_requested, error }: JobRecord): string {
  if (cancel_requested) return `The job ${id} was told to stop.`
  if (status === 'queued')
    return `The job ${id} waits${error ? `, after an attempt that failed: ${error.message}` : ''}.`
  const done = progress ? `, ${Math.round(progress.fraction * 100)} % are done` : ''
  return `The job ${id} is running${done}${progress?.message ? ` (${progress.message})` : ''}.`
}

function failureText({ id, status, error }: JobRecord, { value }: JobOutput): string {
  const partial =
    value === undefined || value === null ? '' : `\nUntil then it had given: ${cut(JSON.stringify(value))}`
  if (status === 'canceled' || !error) return `The job ${id} was canceled.${partial}`
  const again = error.retryable ? '\nAnother try of the same input may succeed.' : ''
  return `The job ${id} failed (${error.code}): ${error.message}${again}${partial}`
}

const cut = (text: string): string => (text.length > PARTIAL_CHARS ? `${text.slice(0, PARTIAL_CHARS)}…` : text)

/** The address of a job as a resource. */
export const jobUri = (id: string): string => `millrace://jobs/${id}`

export const fileUri = (id: string): string => `millrace://files/${id}`

/** By the address that needs no key. Where this server does not know its own, a client reads the file as a resource. */
function linkTo({ id, url, name, content_type, size }: FileView): LinkPart {
  return { type: 'resource_link', uri: URL.canParse(url) ? url : fileUri(id), name, mimeType: content_type, size }
}
