/** Puts the calls of the API together into one client. Called by users of the package and by the CLI. */
import type { DryRun, Job } from '@millrace/contracts'
import type { CallOptions, RetryOptions, RunOptions, SubmitOptions } from './call-options.ts'
import type { Client, ClientOptions } from './client.ts'
import { ApiError, JobFailedError } from './client-errors.ts'
import { eventConnection } from './events/event-connection.ts'
import { fileCalls } from './files/file-calls.ts'
import { followEvents } from './events/follow-events.ts'
import type { ReadJob } from './jobs/job-feed.ts'
import type { OutputOf, SucceededJob, TypedModel } from './models/model-types.ts'
import { batchCalls } from './jobs/batch-calls.ts'
import { jobActionCalls } from './jobs/job-action-calls.ts'
import { modelCalls } from './models/model-calls.ts'
import { type Send, Sender } from './http/sender.ts'
import { versionCalls } from './models/version-calls.ts'
import { readJson } from './http/read-answer.ts'
import { jsonBody } from './http/request-body.ts'
import { streamFeed } from './events/stream-feed.ts'
import { searchCalls } from './jobs/search-calls.ts'
import { submitRequest } from './jobs/submit-request.ts'
import { waitForEnd } from './jobs/wait-for-end.ts'
import { auditCalls } from './audit/audit-calls.ts'
import { erasureCalls } from './erasures/erasure-calls.ts'
import { keyCalls } from './keys/key-calls.ts'
import { sessionCalls } from './keys/session-calls.ts'
import { tenantCalls } from './tenants/tenant-calls.ts'
import { usageCalls } from './usage/usage-calls.ts'
import { webhookCalls } from './webhooks/webhook-calls.ts'
import { workerCalls } from './workers/worker-calls.ts'

/** Milliseconds for an answer that does not wait for anything. */
const WITHIN = 30_000

/**
 * Makes the client of one server. It opens no connection before the first call.
 * @example
 * const client = createClient({ url: 'http://127.0.0.1:7070' })
 * const { output } = await client.run('ocr', { image: fileAt('scan.png') })
 */
export function createClient({ url, apiKey, fetch, retries = 8, silenceSeconds = 60 }: ClientOptions): Client {
  const sender = new Sender({ url, apiKey, fetch, retries })
  const read = jobReader(sender)
  const connect = eventConnection(sender, url)
  const watchJob = streamFeed(connect, read)
  const silenceMs = silenceSeconds * 1000
  const files = fileCalls(sender, url, silenceMs)
  const call = (path: string, { signal, retries: own }: CallOptions) => ({
    path,
    signal,
    retries: own,
    withinMs: WITHIN,
  })
  const output = (id: string, options: CallOptions = {}) =>
    sender.json({ ...call(`${jobPath(id)}/output`, options), withinMs: undefined, silenceMs })

  return {
    url: url.replace(/\/+$/, ''),
    submit: submitTo<Job>(sender, { isDry: false }),
    dryRun: submitTo<DryRun>(sender, { isDry: true }),
    async run<Model extends TypedModel>(model: Model | string, input: unknown, options: RunOptions = {}) {
      const { waitSeconds, ...rest } = options
      const { signal, retries: own } = rest
      const job: Job = await sender.json(await submitRequest(nameOf(model), input, rest))
      const last = await waitForEnd({ read, url, last: job }, job.id, { waitSeconds, signal, retries: own })
      if (last.status !== 'succeeded') throw new JobFailedError(last)
      const whole = last.output ?? (await output(last.id, { signal, retries: own }))
      return { ...last, output: whole } as SucceededJob<OutputOf<Model>>
    },
    get: (id, options = {}) => sender.json(call(jobPath(id), options)),
    wait: (id, options = {}) => waitForEnd({ read, url }, id, options),
    events: (id, options = {}) => followEvents(connect, id, { ...options, retries: options.retries ?? retries }),
    watch: (id, options = {}) => watchJob(id, options),
    output,
    cancel: (id, options = {}) => sender.json({ ...call(`${jobPath(id)}/cancel`, options), method: 'POST' }),
    retry: (id, options = {}) => retryJob(sender, id, call(`${jobPath(id)}/retry`, options), options),
    ...searchCalls(sender),
    remove: (id, options = {}) =>
      sender.send({ ...call(jobPath(id), options), method: 'DELETE' }, async () => undefined),
    cancelAll: (filter, options = {}) =>
      sender.json({ ...call('/v1/cancellations', options), method: 'POST', retries: 0, body: jsonBody(filter) }),
    cancellation: (id, options = {}) => sender.json(call(`/v1/cancellations/${encodeURIComponent(id)}`, options)),
    jobActions: jobActionCalls(sender),
    batches: batchCalls(sender, files),
    webhooks: webhookCalls(sender),
    ...operatorCalls(sender),
    ...sessionCalls(sender),
    usage: usageCalls(sender),
    versions: versionCalls(sender),
    ...modelCalls(sender),
    files,
    download: files.download,
  }
}

const operatorCalls = (sender: Sender): Pick<Client, 'keys' | 'tenants' | 'audit' | 'erasures' | 'workers'> => ({
  keys: keyCalls(sender),
  tenants: tenantCalls(sender),
  audit: auditCalls(sender),
  erasures: erasureCalls(sender),
  workers: workerCalls(sender),
})

const nameOf = (model: TypedModel | string): string => (typeof model === 'string' ? model : model.name)
const jobPath = (id: string): string => `/v1/jobs/${encodeURIComponent(id)}`

const submitTo =
  <Answer>(sender: Sender, how: { isDry: boolean }) =>
  async (model: TypedModel | string, input: unknown, options: SubmitOptions = {}): Promise<Answer> =>
    sender.json<Answer>(await submitRequest(nameOf(model), input, options, how))

const jobReader =
  (sender: Sender): ReadJob =>
  (id, { wait, tag, signal, retries }) => {
    const path = wait > 0 ? `${jobPath(id)}?wait=${wait.toFixed(3)}` : jobPath(id)
    const headers: Record<string, string> = tag === undefined ? {} : { 'if-none-match': tag }
    return sender.send({ path, headers, signal, retries, withinMs: WITHIN + wait * 1000 }, async (response) => ({
      job: response.status === 304 ? undefined : await readJson<Job>(response),
      tag: response.headers.get('etag') ?? undefined,
    }))
  }

/**
 * When a retry is sent twice, the first one may have started the job again already. The second is then refused although
 * all is well, so the job is read instead.
 */
async function retryJob(
  sender: Sender,
  id: string,
  send: Send,
  { version, idempotencyKey }: RetryOptions,
): Promise<Job> {
  if (version !== undefined) {
    const headers: Record<string, string> = idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }
    return sender.json<Job>({ ...send, method: 'POST', headers, body: jsonBody({ version }) })
  }
  let resent = false
  try {
    return await sender.json<Job>({ ...send, method: 'POST', onResend: () => (resent = true) })
  } catch (error) {
    if (!resent || !(error instanceof ApiError) || error.code !== 'job_not_retryable') throw error
    return sender.json<Job>({ ...send, path: jobPath(id) })
  }
}
