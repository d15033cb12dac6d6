/** POST /v1/models/{model}/jobs: a job is kept before it is answered. */
import {
  dryRunSchema,
  idempotencyKeySchema,
  type JobId,
  jobRequestSchema,
  jobSchema,
  modelNameSchema,
  ProblemError,
} from '@millrace/contracts'
import { type JobIntake, newJobId } from '@millrace/queue'
import { z } from 'zod'
import { streamContent } from '../events/event-routes.ts'
import type { EventStreams, Place } from '../events/event-streams.ts'
import { acceptedStream } from '../events/event-wire.ts'
import type { ApiContext, ApiDeps } from '../http/api-deps.ts'
import type { ApiMetrics } from '../http/api-metrics.ts'
import type { BodyRoom } from '../http/body/body-room.ts'
import { announcedBytes } from '../http/body/read-body.ts'
import type { HangUps } from '../http/hang-ups.ts'
import { withinLimit } from '../http/limits/within-limit.ts'
import { linkBase } from '../http/links.ts'
import { preferredWait } from '../http/parse-wait.ts'
import { json, principalOf, type Route, type Router, tenantOf } from '../http/router.ts'
import { jobAnswer } from '../jobs/job-context.ts'
import { EndWatch } from '../jobs/wait-for-job.ts'
import { parseRequest } from '../http/request-faults.ts'
import { findModel, MODEL_ABSENT } from '../models/find-model.ts'
import { ModelCache } from '../models/model-cache.ts'
import type { FileSigner } from '@millrace/webhooks'
import { answerSubmitted, streamSubmitted } from './answer-submit.ts'
import { routeSubmit, type RoutedModel } from './route-submit.ts'
import { readSubmit } from './read-submit.ts'
import { type Submit, submitJob, type SubmitDeps, tryJob, versionOf } from './submit-job.ts'

type SubmitRouteDeps = ApiDeps &
  Pick<SubmitDeps, 'limits' | 'rates' | 'openJobs'> & {
    intake: JobIntake
    signer: FileSigner
    apiMetrics: ApiMetrics
    streams: EventStreams
    bodies: BodyRoom
    hangUps: HangUps
  }

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

const submitQuery = z.object({
  dry_run: z
    .enum(['true', 'false'])
    .optional()
    .describe('`true`: everything is checked, and the answer says where the job would wait. Nothing is kept.'),
})

const okAnswer = json(
  'It has finished within the time of `Prefer: wait`; or, to who accepts a stream, what happens to it; or, with `dry_run=true`, where it would wait.',
  z.union([jobSchema, dryRunSchema]),
  { Location: 'Address of the job, with a stream.' },
)

const route: Route = {
  method: 'post',
  path: '/v1/models/{model}/jobs',
  operation: 'submitJob',
  audit: 'none',
  summary: 'Submit a job',
  description:
    'A 202 means the job is kept: it survives a crash of anything but the disk. Unknown fields are refused. With `dry_run=true` the answer is a DryRun, and nothing is kept.',
  tag: 'Jobs',
  scope: 'jobs:write',
  request: {
    params: z.object({ model: modelNameSchema }),
    query: submitQuery,
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
      ...okAnswer,
      content: { ...okAnswer.content, ...streamContent },
    },
    202: jobAnswer('It is kept.', {
      'RateLimit-Policy': 'Where the submits of a minute are limited: how many there may be.',
      RateLimit: 'How many of them are left, and in how many seconds there are more.',
      Location: 'Address of the job.',
      'Retry-After': 'Seconds until a look at it is worth while.',
      'Idempotency-Replayed': '`true` when the key and body came before: this is that job.',
      'Preference-Applied': 'The wait that was applied.',
    }),
  },
  problems: [
    'malformed_multipart',
    ...MODEL_ABSENT,
    'version_not_available',
    'kind_not_supported',
    'invalid_input',
    'job_purged',
    'tenant_erased',
    'input_too_costly',
    'webhook_not_allowed',
    'would_be_late',
    'submit_refused',
    'hook_failed',
    'idempotency_mismatch',
    'tenant_limit',
    'too_many_submits',
    'input_too_large',
    'too_many_checks',
    'too_many_streams',
    'checks_full',
    'streams_full',
    'server_closing',
    'queue_full',
    'model_paused',
    'storage_pressure',
    'store_full',
    'device_seconds_limit',
    'stored_bytes_limit',
  ],
}

export function submitRoutes(router: Router, deps: SubmitRouteDeps): void {
  const models = new ModelCache(deps.models, deps.steering, deps.awaitsModels)
  const submitDeps = { ...deps, models }
  router.add(route, async (c) => {
    const { manifest } = await findModel(models, c)
    const id = newJobId(manifest.name)
    const routed = await routeSubmit(models, manifest, id)
    if (isDryRun(c)) return c.json(await withBody(c, submitDeps, routed, id, tryJob), 200)
    const format = acceptedStream(c.req.header('accept'))
    const seconds = preferredWait(c.req.header('prefer'))
    c.set('jobId', id)
    let place: Place | undefined
    let watch: EndWatch | undefined
    try {
      // Done before the job is kept: a client that is refused a stream has submitted nothing, and no end is missed.
      place = format && (await deps.streams.enter(tenantOf(c)))
      if (seconds !== undefined) watch = new EndWatch(deps.changes, id)
      const kept = await withBody(c, submitDeps, routed, id, submitJob)
      deps.apiMetrics.submit(manifest.name, kept.replayed ? 'replayed' : 'created')
      if (!kept.replayed) deps.apiMetrics.input(kept.record)
      c.set('jobId', kept.record.id)
      if (format && place) return await streamSubmitted(c, deps, kept, { format, place })
      return await answerSubmitted(c, deps, kept, { seconds, watch: kept.record.id === id ? watch : undefined })
    } catch (error) {
      place?.leave()
      if (error instanceof ProblemError) deps.apiMetrics.submit(manifest.name, error.code)
      throw error
    } finally {
      watch?.stop()
    }
  })
}

/** Most requests do not say, and cost no check. */
function isDryRun(c: ApiContext): boolean {
  const asked = c.req.query('dry_run')
  return asked !== undefined && parseRequest(submitQuery, { dry_run: asked }).dry_run === 'true'
}

/** Does something with what the request asks for. Its body is in memory meanwhile, except for its files. */
function withBody<Answer>(
  c: ApiContext,
  deps: SubmitDeps & Pick<SubmitRouteDeps, 'config' | 'bodies'>,
  { model, routed }: RoutedModel,
  id: JobId,
  act: (deps: SubmitDeps, submit: Submit) => Promise<Answer>,
): Promise<Answer> {
  const { config } = deps
  const { raw } = c.req
  return deps.bodies.hold(raw, () =>
    act(deps, {
      principal: principalOf(c),
      model,
      routed,
      id,
      idempotencyKey: c.req.header('idempotency-key'),
      base: linkBase(c, config.publicUrl),
      bytes: announcedBytes(raw),
      read: async (files) => {
        const source = { model, versionOf: (version: string) => versionOf(deps.models, model, version) }
        return withinLimit(deps, tenantOf(c), (own) => readSubmit(raw, files, { ...source, config: own.config }))
      },
    }),
  )
}
