/** The calls that are jobs of models with a task: submitted, waited for, and answered with what the model gave. */
import { essenceOf, isTerminal, type JobRecord, type Manifest } from '@millrace/contracts'
import { openaiError, type OpenaiError, openaiFailure } from '@millrace/dialects'
import type { ApiContext } from '../../http/api-deps.ts'
import { linkBase } from '../../http/links.ts'
import { bodyOf } from '../../http/send-object.ts'
import { principalOf } from '../../http/router.ts'
import { findNamed } from '../../models/find-model.ts'
import { fileView } from '../../views/job-view.ts'
import type { DialectDeps, DialectRouter } from '../dialect.ts'
import { type DialectJob, MOST_WAIT } from '../intake.ts'
import { imageText } from './image-text.ts'
import { BASE, secondsOf } from './openai-base.ts'
import { inputOfTexts, TaskForm } from './task-form.ts'
import { misfit, type OpenaiTask, type TaskBody } from './tasks/openai-task.ts'
import { OPENAI_TASKS } from './tasks/openai-tasks.ts'

const write = { method: 'post', audit: 'none', scope: 'jobs:write' } as const

export function taskRoutes(router: DialectRouter, deps: DialectDeps): void {
  for (const task of OPENAI_TASKS) {
    const { path, operation } = task
    router.addUnlisted({ ...write, path: `${BASE}${path}`, operation }, (c) => run(c, deps, task))
  }
}

async function run(c: ApiContext, deps: DialectDeps, task: OpenaiTask): Promise<Response> {
  const form = essenceOf(c.req.header('content-type')) === 'multipart/form-data' ? new TaskForm(deps) : undefined
  let wanted = ''
  const toJob = async (): Promise<DialectJob> => {
    const body = form ? await form.read(c) : await deps.doorway.readObject(c)
    wanted = task.formOf(body)
    const manifest = await modelOf(c, deps, task, body)
    const input = task.inputOf(body, manifest)
    return {
      model: manifest.name,
      input: form ? inputOfTexts(input, manifest) : input,
      // The ids of the files of a form are new each time, so no two of them are the same request.
      idempotencyKey: form ? undefined : c.req.header('idempotency-key'),
    }
  }
  try {
    const record = await deps.doorway.submit(c, toJob, { seconds: MOST_WAIT })
    return await answer(c, deps, record, { task, form: wanted })
  } finally {
    await form?.letGo()
  }
}

async function modelOf(
  c: ApiContext,
  { cache }: DialectDeps,
  task: OpenaiTask,
  { model }: TaskBody,
): Promise<Manifest> {
  if (typeof model !== 'string') throw misfit('/model', 'names the model')
  const { manifest } = await findNamed(cache, principalOf(c), model)
  assertTask(manifest, task)
  return manifest
}

/** Throws ProblemError for a model that is not for this call. */
export function assertTask({ name, task: own }: Manifest, { task, path }: OpenaiTask): void {
  if (own === task) return
  throw misfit('/model', `${name} is not for ${path}: its manifest does not say \`task: ${task}\``)
}

interface Wanted {
  task: OpenaiTask
  form: string
}

async function answer(c: ApiContext, deps: DialectDeps, record: JobRecord, wanted: Wanted): Promise<Response> {
  const base = linkBase(c, deps.config.publicUrl)
  if (!isTerminal(record.status)) return answerGoesOn(c, deps, `${base}/v1/jobs/${record.id}`)
  if (record.status !== 'succeeded') return refuse(c, openaiFailure(record))
  const { task, form } = wanted
  const created = secondsOf(Date.parse(record.finished_at ?? record.created_at))
  const { output_files: files } = record
  if (task.task === 'image' && form === 'b64_json' && files.length > 0) {
    const body = await bodyOf(c, imageText(deps.objects, files, created), deps.logger)
    return c.body(body, 200, { 'content-type': 'application/json' })
  }
  const views = await Promise.all(files.map((file) => fileView(file, { signer: deps.signer, base })))
  let whole: string | undefined
  const output = await deps.values.output(record, base, undefined, ({ url }) => void (whole = url))
  if (whole !== undefined) return refuse(c, tooLarge(whole))
  const shown = task.show({ output, urls: views.map(({ url }) => url), model: record.model, created }, form)
  if (shown === undefined) return refuse(c, misshapen(record, task))
  return typeof shown === 'string' ? c.text(shown) : c.json(shown)
}

/** `address`: where the output is. It opens without a key. */
const tooLarge = (address: string): OpenaiError =>
  openaiError(
    413,
    'output_too_large',
    `The answer is above 16 MB. Ask for less at once, or read the output: ${address}`,
  )

/** The model is not what its manifest says. */
export const misshapen = ({ model, id }: Pick<JobRecord, 'model' | 'id'>, { task }: OpenaiTask): OpenaiError =>
  openaiError(500, 'invalid_output', `The output of ${model} is not that of a model for ${task} (${id}).`)

/** What has ended without success is not run again because a client asks again. */
function refuse(c: ApiContext, { status, body }: OpenaiError): Response {
  return c.json(body, status as 500, { 'x-should-retry': 'false' })
}

/** Its clients ask again twice, when they are told to, and then wait for the same job. */
function answerGoesOn(c: ApiContext, { doorway }: DialectDeps, address: string): Response {
  doorway.goesOn(c)
  const { body } = openaiError(504, 'timeout', `The job takes longer than ${MOST_WAIT} s, and goes on: ${address}`)
  return c.json(body, 504, { 'x-should-retry': 'true', 'retry-after-ms': '50' })
}
