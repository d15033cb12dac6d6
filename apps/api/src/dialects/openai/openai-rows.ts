/**
 * The rows of OpenAI's batches and their results: a row names a call, be it one of a task or the submit to any model, and its body. Rows
 * that did not succeed are in a file of their own. Used by BatchRunner.
 */
import {
  type JobRecord,
  LIMITS,
  modelNameSchema,
  type ProblemCode,
  ProblemError,
  PROBLEMS,
  valueAt,
} from '@millrace/contracts'
import { type OpenaiError, openaiFailure, openaiRefusal } from '@millrace/dialects'
import { z } from 'zod'
import { type ReadRow, type RowEnd, type RowFormat, rowOf } from '../../batches/rows/row-format.ts'
import { readJson } from '../../http/body/read-json.ts'
import { parseRequest } from '../../http/request-faults.ts'
import { secondsOf } from './openai-base.ts'
import { assertTask, misshapen } from './task-routes.ts'
import { misfit, type OpenaiTask, type TaskBody } from './tasks/openai-task.ts'
import { OPENAI_TASKS } from './tasks/openai-tasks.ts'

const lineSchema = z.object({
  custom_id: z.string().min(1).max(512),
  method: z.literal('POST'),
  url: z.string().max(200),
  body: z.record(z.string(), z.unknown()),
})

/** The submit to a model, or a task by its place in the table. */
export type RowTarget = { model: string } | { task: OpenaiTask }

/** What a row or a batch names, as it is written there or with the base of this dialect. Undefined: nothing here is called so. */
export function targetOf(url: string): RowTarget | undefined {
  const [, path = ''] = /^(?:\/openai)?\/v1(\/.*)$/.exec(url) ?? []
  const model = /^\/models\/([^/]+)\/jobs$/.exec(path)?.[1]
  if (model !== undefined) return modelNameSchema.safeParse(model).success ? { model } : undefined
  const task = OPENAI_TASKS.find((one) => one.path === path)
  return task && { task }
}

export const OPENAI_ROWS: RowFormat = {
  read(line) {
    const row = parseRequest(lineSchema, readJson(line, '', LIMITS.jsonNodes).value)
    const target = targetOf(row.url)
    if (!target) throw misfit('/url', 'is no call that a batch can make: see docs/dialects.md')
    if ('task' in target) return taskRow(target.task, row)
    return inBody(() => rowOf({ ...row.body, model: target.model, custom_id: row.custom_id }))
  },
  write(end) {
    const id = `batch_req_${end.jobId?.slice(4) ?? end.row}`
    const head = JSON.stringify({ id, custom_id: end.customId })
    const { response, error } = endOf(end)
    const told = response
      ? `{"status_code":${response.status},"request_id":${JSON.stringify(id)},"body":${response.text}}`
      : 'null'
    return `${head.slice(0, -1)},"response":${told},"error":${JSON.stringify(error ?? null)}}`
  },
  partsFaults: true,
}

function taskRow(task: OpenaiTask, { custom_id: customId, body }: z.output<typeof lineSchema>): ReadRow {
  const model = modelNameSchema.safeParse(body.model)
  if (!model.success) throw misfit('/body/model', 'names the model')
  const form = inBody(() => formOf(task, body))
  return {
    ...{ customId, model: model.data, key: null, fields: { priority: 'low' } },
    input: (manifest) => {
      assertTask(manifest, task)
      return task.inputOf(body, manifest)
    },
    told: `${task.path} ${form}`,
  }
}

function formOf(task: OpenaiTask, body: TaskBody): string {
  const form = task.formOf(body)
  if (form === 'b64_json') throw misfit('/response_format', 'is url in a batch: pictures are files, not parts of a row')
  return form
}

/** Faults of what stands in the body of a row. */
function inBody<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof ProblemError) || !error.options.errors) throw error
    const errors = error.options.errors.map((fault) => ({ ...fault, path: `/body${fault.path}` }))
    throw new ProblemError(error.code, { ...error.options, errors })
  }
}

/** `text`: the body as JSON. Without a response the row was never run to its end. */
interface ToldEnd {
  response?: { status: number; text: string }
  error?: { code: string; message: string }
}

function endOf(end: RowEnd): ToldEnd {
  const { status, record, error, stopped } = end
  if (status === 'succeeded' && record) return { response: successOf(end, record) }
  if (status === 'failed' && record) return { response: asText(openaiFailure(record)) }
  if (status === 'refused' && error) return { response: asText(refusalOf(error)) }
  const { code, message } =
    error ?? (stopped ? STOPPED[stopped] : { code: 'job_canceled', message: 'It was canceled.' })
  return { error: { code: code === 'batch_canceled' ? 'batch_cancelled' : code, message } }
}

/** Of jobs that had not ended. */
const STOPPED = {
  canceling: { code: 'batch_cancelled', message: 'The batch was canceled before this request had ended.' },
  expiring: { code: 'batch_expired', message: 'The batch expired before this request had ended.' },
}

function refusalOf({ code, message, ...more }: NonNullable<RowEnd['error']>): OpenaiError {
  const known = PROBLEMS[Object.hasOwn(PROBLEMS, code) ? (code as ProblemCode) : 'internal']
  const errors = 'errors' in more ? more.errors : undefined
  return openaiRefusal({ code: code as ProblemCode, status: known.status, title: known.title, detail: message, errors })
}

const asText = ({ status, body }: OpenaiError) => ({ status, text: JSON.stringify(body) })

function successOf({ output, outputUrl, told }: RowEnd, record: JobRecord): ToldEnd['response'] {
  const [path, ...form] = (told ?? '').split(' ')
  const task = OPENAI_TASKS.find((one) => one.path === path)
  // What is too large for a row, or the result of a job that is no task: the job as it is.
  if (!task || outputUrl !== null) return { status: 200, text: jobText(record, output, outputUrl) }
  const value: unknown = JSON.parse(output)
  const created = secondsOf(Date.parse(record.finished_at ?? record.created_at))
  const urls = record.output_files.map(({ pointer }) =>
    String((valueAt(value, pointer) as { url?: string })?.url ?? ''),
  )
  const shown = task.show({ output: value, urls, model: record.model, created }, form.join(' '))
  return shown === undefined ? asText(misshapen(record, task)) : { status: 200, text: JSON.stringify(shown) }
}

function jobText({ id, model, version, status }: JobRecord, output: string, outputUrl: string | null): string {
  const head = JSON.stringify({ id, object: 'job', model, version, status, output_url: outputUrl })
  return `${head.slice(0, -1)},"output":${output}}`
}
