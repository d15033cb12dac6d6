/** POST /v1/models/{model}/jobs: a job is kept before it is answered. */
import {
  idempotencyKeySchema,
  isTerminal,
  JOB_KINDS,
  type JobId,
  jobRequestSchema,
  modelNameSchema,
  ProblemError,
  type JobRecord,
} from '@millrace/contracts'
import { type ModelState, newJobId } from '@millrace/queue'
import { z } from 'zod'
import type { ApiContext, ApiDeps } from '../http/api-deps.ts'
import type { ApiMetrics } from '../http/api-metrics.ts'
import { inBodyRoom } from '../http/body/body-room.ts'
import { inputSchemaOf } from '../input/compile-input-schema.ts'
import { acceptedStream, type Format } from '../events/event-wire.ts'
import type { EventStreams, Place } from '../events/event-streams.ts'
import type { FileSigner } from '../views/file-signer.ts'
import { InputFiles } from './input-files.ts'
import { linkBase } from '../http/links.ts'
import { ModelCache } from '../models/model-cache.ts'
import { preferredWait } from '../http/parse-wait.ts'
import { readSubmit } from './read-submit.ts'
import { isAway, storeBudget } from '../http/store-budget.ts'
import { type Kept, keepJob, prepareJob } from './submit-job.ts'
import { EndWatch, type Wait, waitForJob } from '../jobs/wait-for-job.ts'
import { webhookOf } from '../webhooks/webhook-address.ts'
import { answerJob, jobAnswer } from '../jobs/job-context.ts'
import { streamContent, streamJob } from '../events/event-routes.ts'
import { type Route, type Router, tenantOf } from '../http/router.ts'

type SubmitDeps = ApiDeps & { signer: FileSigner; apiMetrics: ApiMetrics; streams: EventStreams }

const headers = z.object({
  'idempotency-key': idempotencyKeySchema.optional(),
  accept: z
    .string()
    .optional()
    .describe(
      '`text/event-stream` or `application/x-ndjson`: the answer is the stream of the job, beginning with `job`.',
    ),
  prefer: z.string().optional().describe('`wait=N`: wait up to N seconds (at most 60) for the job to finish.'),
})

const form = z
  .object({ input: z.string().optional().describe('The input as JSON; the other fields are added to it.') })
  .catchall(z.string())
  .describe(
    'A field for each key of the input, by its name (`lang`) or a JSON pointer (`/options/size`), as text that is read by ' +
      "the model's schema; several by one name are a list. The other fields of a request may stand beside them; " +
      '`metadata` as JSON. A multipart body may have a file in the place of a text.',
  )

const route: Route = {
  method: 'post',
  path: '/v1/models/{model}/jobs',
  summary: 'Submit a job',
  description: 'A 202 means the job is kept: it survives a crash of anything but the disk. Unknown fields are refused.',
  tag: 'Jobs',
  request: {
    params: z.object({ model: modelNameSchema }),
    headers,
    body: {
      required: true,
      content: {
        'application/json': { schema: jobRequestSchema },
        'multipart/form-data': { schema: form },
        'application/x-www-form-urlencoded': { schema: form },
      },
    },
  },
  responses: {
    200: {
      ...jobAnswer(
        'It has finished within the time of `Prefer: wait`; or, to who accepts a stream, what happens to it.',
        {
          Location: 'Address of the job, with a stream.',
        },
      ),
      content: { ...jobAnswer('').content, ...streamContent },
    },
    202: jobAnswer('It is kept.', {
      Location: 'Address of the job.',
      'Retry-After': 'Seconds until a look at it is worth while.',
      'Idempotency-Replayed': '`true` when the key and body came before: this is that job.',
      'Preference-Applied': 'The wait that was applied.',
    }),
  },
  problems: [
    'malformed_multipart',
    'model_not_found',
    'version_not_available',
    'kind_not_supported',
    'invalid_input',
    'job_purged',
    'input_too_costly',
    'webhook_not_allowed',
    'idempotency_mismatch',
    'tenant_limit',
    'too_many_checks',
    'too_many_streams',
    'checks_full',
    'streams_full',
    'server_closing',
    'queue_full',
    'storage_pressure',
    'store_full',
  ],
}

export function submitRoutes(router: Router, deps: SubmitDeps): void {
  const models = new ModelCache(deps.models)
  router.add(route, async (c) => {
    const model = await findModel(c, models)
    const { name } = model.manifest
    const format = acceptedStream(c.req.header('accept'))
    const seconds = preferredWait(c.req.header('prefer'))
    const id = newJobId(name)
    c.set('jobId', id)
    let place: Place | undefined
    let watch: EndWatch | undefined
    try {
      // Before the job is kept: who is refused a stream has submitted nothing, and no end is missed.
      place = format && deps.streams.enter(tenantOf(c))
      if (seconds !== undefined) watch = new EndWatch(deps.changes, id)
      const kept = await inBodyRoom(c.req.raw, deps.config.maxBodyBytes, () => keep(c, deps, model, id))
      deps.apiMetrics.submit(name, kept.replayed ? 'replayed' : 'created')
      if (format && place) return await stream(c, deps, { ...kept, format, place })
      return await answer(c, deps, kept, { seconds, watch: kept.record.id === id ? watch : undefined })
    } catch (error) {
      place?.leave()
      if (error instanceof ProblemError) deps.apiMetrics.submit(name, error.code)
      throw error
    } finally {
      watch?.stop()
    }
  })
}

async function findModel(c: ApiContext, models: ModelCache): Promise<ModelState> {
  const name = c.req.param('model') ?? ''
  const state = modelNameSchema.safeParse(name).success ? await storeBudget()(models.get(name)) : undefined
  if (!state) throw new ProblemError('model_not_found')
  return state
}

async function keep(c: ApiContext, deps: SubmitDeps, { manifest }: ModelState, id: JobId): Promise<Kept> {
  const idempotencyKey = readIdempotencyKey(c)
  // Spares the work of reading it. With a key the job may be kept already: then the answer is that job.
  if (idempotencyKey === undefined && deps.memoryPressure())
    throw new ProblemError('storage_pressure', { retryAfter: 5 })
  const tenant = tenantOf(c)
  const files = new InputFiles(deps, tenant, id)
  const base = linkBase(c, deps.config.publicUrl)
  const { maxBodyBytes, maxUploadBytes } = deps.config
  // Files may come before the part that says of which kind the job is; what does not fit is refused afterwards.
  const takesFiles = JOB_KINDS.some((kind) => inputSchemaOf(manifest, kind)?.checker.takesFiles)
  const schemas = {
    prediction: manifest.input_schema,
    ...(manifest.training && { training: manifest.training.input_schema }),
  }
  const limits = { maxBodyBytes, maxUploadBytes, takesFiles, schemas }
  const job = await readSubmit(c.req.raw, files, limits)
    .then((body) => {
      const webhook = webhookOf(deps.webhookGuard, body.request)
      return prepareJob({ id, tenant, manifest, idempotencyKey, body, webhook, files, base, guard: deps.inputGuard })
    })
    .catch(async (error: unknown) => {
      const tidy = files
        .discard()
        .catch((cause: unknown) => deps.logger.warn({ err: cause, job: id }, 'files were left over'))
      if (!isAway(error)) await tidy
      throw error
    })
  return keepJob(deps.jobs, job, files)
}

function readIdempotencyKey(c: ApiContext): string | undefined {
  const text = c.req.header('idempotency-key')
  if (text === undefined) return undefined
  const key = idempotencyKeySchema.safeParse(text)
  if (key.success) return key.data
  throw new ProblemError('invalid_request', { detail: 'Idempotency-Key takes 1 to 255 visible ASCII characters.' })
}

/** The job, then everything that happens to it; of a job that was kept before, everything that happened. */
function stream(
  c: ApiContext,
  deps: SubmitDeps,
  { record, replayed, format, place }: Kept & { format: Format; place: Place },
): Promise<Response> {
  c.set('jobId', record.id)
  const location = `${linkBase(c, deps.config.publicUrl)}/v1/jobs/${record.id}`
  const headers = { location, ...(replayed ? { 'idempotency-replayed': 'true' } : {}) }
  return streamJob(
    c,
    deps,
    place,
    { record, reader: { tenant: record.tenant }, format, after: '', showJob: { id: undefined } },
    headers,
  )
}

/** How long to wait for the end, if the client asked for that. */
type Patience = { seconds: number | undefined } & Pick<Wait, 'watch'>

async function answer(
  c: ApiContext,
  deps: SubmitDeps,
  { record, replayed }: Kept,
  { seconds, watch }: Patience,
): Promise<Response> {
  c.set('jobId', record.id)
  const headers: Record<string, string> = replayed ? { 'idempotency-replayed': 'true' } : {}
  if (seconds !== undefined) headers['preference-applied'] = `wait=${seconds}`
  const mayWait = seconds !== undefined && !isTerminal(record.status)
  const last = mayWait ? await waited(c, deps, record, { seconds, watch }) : record
  const status = seconds !== undefined && isTerminal(last.status) ? 200 : 202
  return answerJob(c, deps, last, { status, headers })
}

/** The job after the wait. It is kept already, so nothing that happens while waiting makes the submit a failure. */
async function waited(
  c: ApiContext,
  { jobs, changes, closing }: SubmitDeps,
  record: JobRecord,
  patience: Pick<Wait, 'seconds' | 'watch'>,
): Promise<JobRecord> {
  const wait = { jobs, changes, tenant: tenantOf(c), signals: [c.req.raw.signal, closing], ...patience }
  const found = await waitForJob(record.id, wait).catch(() => undefined)
  return found?.outcome === 'found' ? found.record : record
}
