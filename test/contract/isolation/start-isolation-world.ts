/**
 * Two tenants of one installation, for the test that neither learns of the other: the API over real HTTP, Redis and a folder, keys of
 * all kinds, and makers of each thing that a tenant may own, in each of its states. To add a thing: a row in `makers`.
 */
import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startApi } from '@millrace/api'
import {
  ALL_SCOPES,
  fileIdOf,
  type JobId,
  manifestSchema,
  outputPrefix,
  type Scope,
  type StoredFile,
} from '@millrace/contracts'
import { createLogger, loadConfig } from '@millrace/process'
import type { NewJob, Queue } from '@millrace/queue'
import { openConfiguredStore } from '@millrace/storage'
import { newJob, openTestQueue } from '../../support/open-test-queue.ts'
import { startRedis } from '../../support/servers/redis-server.ts'
import { holdJob, ownLine } from '../../support/take-jobs.ts'
import { until } from '../../support/until.ts'

const ADMIN = 'the-key-of-the-administrator'
/** Whose things are made. In all that she makes stands this mark. */
export const OWNER = 'alice'
/** Who must not learn of them. */
export const OTHER = 'bobby'
export const MARK = 'a-mark-of-hers'
const OPERATOR = ALL_SCOPES.filter((scope) => scope !== 'admin')

export const MODEL = 'ocr'
const manifest = (name: string) =>
  manifestSchema.parse({
    ...{ name, version: '1.0.0', output_schema: {} },
    input_schema: { type: 'object', properties: { text: { type: 'string' }, image: { format: 'file' } } },
  })

export interface Answer {
  status: number
  type: string | null
  challenge: string | null
  text: string
}

export interface Asked {
  key?: string | undefined
  body?: unknown
  headers?: Record<string, string>
}

const makers = {
  job: (world: Making) => ({
    queued: () => world.job(),
    scheduled: () => world.job({ runAt: Date.now() + 3_600_000 }),
    running: () => world.running(),
    canceling: () => world.canceling(),
    succeeded: () => world.succeeded(),
    failed: () => world.failed(),
    canceled: () => world.canceled(),
    purged: () => world.purged(),
  }),
  'file of a job': (world: Making) => ({
    kept: async () => fileIdOf((await world.succeeded()) as JobId, 'o', 0),
    purged: async () => fileIdOf((await world.purged()) as JobId, 'o', 0),
  }),
  upload: (world: Making) => ({
    ready: () => world.upload(),
    announced: () => world.announced(),
    deleted: () => world.made('DELETE', '/v1/files/', world.upload()),
  }),
  endpoint: (world: Making) => ({
    enabled: () => world.endpoint(),
    disabled: () => world.made('POST', '/v1/webhook-endpoints/', world.endpoint(), '/disable'),
    deleted: () => world.made('DELETE', '/v1/webhook-endpoints/', world.endpoint()),
  }),
  delivery: (world: Making) => ({
    pending: () => world.delivery(),
    delivered: () => world.delivery('delivered'),
    failed: () => world.delivery('failed'),
    skipped: () => world.delivery('skipped'),
  }),
  cancellation: (world: Making) => ({ begun: () => world.cancellation() }),
  batch: (world: Making) => ({ begun: () => world.batch() }),
  'job action': (world: Making) => ({ counted: () => world.jobAction() }),
}
export type Thing = keyof typeof makers

/** What makers are made of. All of it belongs to the owner. */
class Making {
  readonly #queue: Queue
  readonly #ask: (method: string, path: string, asked?: Asked) => Promise<Answer>
  readonly #put: (key: string) => Promise<Pick<StoredFile, 'size' | 'sha256'>>
  #made = 0

  constructor(queue: Queue, ask: Making['ask'], put: (key: string) => Promise<Pick<StoredFile, 'size' | 'sha256'>>) {
    this.#queue = queue
    this.#ask = ask
    this.#put = put
  }

  get ask() {
    return this.#ask
  }

  async #new(more: Partial<NewJob> = {}): Promise<NewJob> {
    const job = newJob({ tenant: OWNER, model: MODEL, line: ownLine(), metadata: { mark: MARK }, ...more })
    await this.#queue.jobs.submit(job)
    return job
  }

  async job(more: Partial<NewJob> = {}): Promise<string> {
    return (await this.#new(more)).id
  }

  async running(): Promise<string> {
    return (await holdJob(this.#queue, await this.#new())).id
  }

  async canceling(): Promise<string> {
    const id = (await this.running()) as JobId
    await this.#queue.jobs.cancel(id, OWNER)
    return id
  }

  async succeeded(): Promise<string> {
    const job = await this.#new()
    const hold = await holdJob(this.#queue, job)
    const key = `${outputPrefix(OWNER, job.id, hold.fence, 'nonce')}0`
    const file: StoredFile = {
      ...{ id: fileIdOf(job.id, 'o', 0), pointer: '/image', key, content_type: 'text/plain', name: `${MARK}.txt` },
      ...(await this.#put(key)),
    }
    const output = { value: { inline: JSON.stringify({ text: MARK, image: null }) }, files: [file] }
    await this.#queue.attempts.succeed(hold, { output, runSeconds: 1 })
    return job.id
  }

  async failed(): Promise<string> {
    const hold = await holdJob(this.#queue, await this.#new())
    const error = { code: 'model_error', message: MARK, retryable: true } as const
    await this.#queue.attempts.fail(hold, { blame: 'final', error })
    return hold.id
  }

  async canceled(): Promise<string> {
    const id = (await this.job()) as JobId
    await this.#queue.jobs.cancel(id, OWNER)
    return id
  }

  async purged(): Promise<string> {
    const id = (await this.canceled()) as JobId
    await this.#queue.jobs.purge(id, OWNER)
    return id
  }

  async upload(): Promise<string> {
    const form = new FormData()
    form.set('file', new Blob([`${MARK} ${this.#made++}`], { type: 'text/plain' }), `${MARK}.txt`)
    return idOf(await this.#ask('POST', '/v1/files', { body: form }))
  }

  async announced(): Promise<string> {
    const sha256 = createHash('sha256')
      .update(`announced ${this.#made++}`)
      .digest('hex')
    return idOf(await this.#ask('POST', '/v1/files', { body: { name: `${MARK}.txt`, size: 10, sha256 } }))
  }

  async endpoint(): Promise<string> {
    const body = { url: `https://${MARK}.example.com/${this.#made++}`, description: MARK }
    return idOf(await this.#ask('POST', '/v1/webhook-endpoints', { body }))
  }

  async cancellation(): Promise<string> {
    return idOf(await this.#ask('POST', '/v1/cancellations', { body: { model: 'whisper' } }))
  }

  async batch(): Promise<string> {
    const jobs = [{ custom_id: MARK, input: { text: MARK }, run_at: '2100-01-01T00:00:00Z' }]
    const id = idOf(await this.#ask('POST', '/v1/batches', { body: { model: MODEL, jobs, metadata: { mark: MARK } } }))
    await until('its job is there', async () => {
      const { text } = await this.#ask('GET', `/v1/batches/${id}`)
      return text.includes('"submitted":1')
    })
    return id
  }

  async jobAction(): Promise<string> {
    const body = { action: 'cancel', filter: { model: MODEL, metadata: { mark: MARK } }, dry_run: true }
    return idOf(await this.#ask('POST', '/v1/job-actions', { body }))
  }

  /** A thing after a change by its owner. */
  async made(method: string, path: string, thing: Promise<string>, verb = ''): Promise<string> {
    const id = await thing
    const { status, text } = await this.#ask(method, `${path}${id}${verb}`)
    if (status >= 300) throw new Error(`${method} ${path} ${status} ${text}`)
    return id
  }

  async delivery(outcome?: 'delivered' | 'failed' | 'skipped'): Promise<string> {
    const { outbox, deliveries } = this.#queue.webhooks
    const url = `https://${MARK}.example.com/`
    const id = (await this.job({ webhook: { url, events: ['job.canceled'] } })) as JobId
    await this.#queue.jobs.cancel(id, OWNER)
    const shards = await outbox.shards()
    for (const event of await outbox.owed(shards, 1000)) {
      const targets = event.jobId === id ? [{ endpointId: null, url, skipped: outcome === 'skipped' }] : []
      await outbox.fanOut(event, targets, '')
    }
    const [made] = (await deliveries.list({ tenant: OWNER, job: id, limit: 1 })).deliveries
    if (!made) throw new Error('no delivery was made')
    if (outcome !== undefined && outcome !== 'skipped') {
      for (const lane of await outbox.lanes(shards, 1000)) {
        // What is leased beside it is due again when the lease ends, which is at once.
        const { deliveries: leased } = await outbox.lease(lane, 1000, 1)
        for (const one of leased.filter((one) => one.id === made.id)) await outbox.end(one, { outcome })
      }
    }
    return made.id
  }
}

function idOf({ status, text }: Answer): string {
  const { id } = JSON.parse(text) as { id?: string }
  if (id === undefined) throw new Error(`nothing was made: ${status} ${text}`)
  return id
}

/** Closed by `stop`. */
export async function startIsolationWorld() {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-isolation-'))
  const redis = await startRedis({ appendonly: false })
  const queue = openTestQueue(redis.url)
  const beat = async () => {
    for (const name of [MODEL, 'whisper']) await queue.models.publish(manifest(name), queue.worker)
  }
  await beat()
  const config = loadConfig({
    ...{ REDIS_URL: redis.url, MILLRACE_DATA_DIR: folder, MILLRACE_API_KEY: ADMIN, MILLRACE_PORT: '0' },
    MILLRACE_UNSAFE_REDIS: 'true',
  })
  const objects = await openConfiguredStore(config)
  const logger = createLogger({ level: 'error', format: 'json', write: () => undefined })
  const api = await startApi(config, { logger, onUnsafe: () => undefined })
  const ask = createAsk(api.url)
  const keys = await makeKeys(queue, ask)
  const put = async (key: string) => {
    const { size, sha256 } = await objects.put(key, Buffer.from(MARK), { contentType: 'text/plain' })
    return { size, sha256 }
  }
  const making = new Making(queue, (method, path, asked) => ask(method, path, { key: keys.own, ...asked }), put)
  return {
    ...{ ask, keys, queue, make: makersOf(making) },
    /** The worker is there yet. */
    beat,
    async stop() {
      await api.stop(0)
      await objects.close()
      await queue.close()
      await redis.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

type Makers = Readonly<Record<string, () => Promise<string>>>

function makersOf(making: Making): Record<Thing, Makers> {
  const [job, file, upload] = [makers.job(making), makers['file of a job'](making), makers.upload(making)]
  const [endpoint, delivery] = [makers.endpoint(making), makers.delivery(making)]
  const [cancellation, action] = [makers.cancellation(making), makers['job action'](making)]
  const batch = makers.batch(making)
  return { job, 'file of a job': file, upload, endpoint, delivery, cancellation, batch, 'job action': action }
}

function createAsk(url: string) {
  return async (method: string, path: string, { key, body, headers = {} }: Asked = {}): Promise<Answer> => {
    const isJson = body !== undefined && !(body instanceof FormData) && !(body instanceof Blob)
    const answer = await fetch(`${url}${path}`, {
      method,
      headers: {
        ...(key !== undefined && { authorization: `Bearer ${key}` }),
        ...(isJson && { 'content-type': 'application/json' }),
        ...headers,
      },
      body: isJson ? JSON.stringify(body) : (body as FormData | Blob | undefined),
    })
    const type = answer.headers.get('content-type')
    // A stream of events does not end by itself.
    const isStream = type?.startsWith('text/event-stream') === true
    const text = isStream ? '' : await answer.text()
    if (isStream) await answer.body?.cancel()
    return { status: answer.status, type, challenge: answer.headers.get('www-authenticate'), text }
  }
}

type Ask = ReturnType<typeof createAsk>

/** One of each kind. All but `other` and `admin` are keys of the owner. */
async function makeKeys(queue: Queue, ask: Ask) {
  const make = async (asked: object): Promise<{ id: string; key: string }> => {
    const { text } = await ask('POST', '/v1/keys', { key: ADMIN, body: { name: 'a test', scopes: OPERATOR, ...asked } })
    return JSON.parse(text) as { id: string; key: string }
  }
  const own = (await make({ tenant: OWNER })).key
  const revoked = await make({ tenant: OWNER })
  await queue.keys.revoke(revoked.id)
  const expired = await make({ tenant: OWNER, expires_at: new Date(Date.now() + 500).toISOString() })
  const without = new Map<Scope, string>()
  for (const scope of ALL_SCOPES) {
    const scopes = OPERATOR.filter((one) => one !== scope)
    without.set(scope, (await make({ tenant: OWNER, scopes })).key)
  }
  const keys = {
    ...{ admin: ADMIN, own, other: (await make({ tenant: OTHER })).key },
    /** It may use another model alone. */
    elsewhere: (await make({ tenant: OWNER, models: ['whisper'] })).key,
    /** Of an autoscaler or a Prometheus. */
    metrics: (await make({ tenant: OWNER, scopes: ['metrics'] })).key,
    none: undefined,
    malformed: 'mr_nothing',
    ...{ revoked: revoked.key, expired: expired.key },
  }
  for (const key of [keys.revoked, keys.expired]) {
    await until('it has ended', async () => (await ask('GET', '/v1/models', { key })).status === 401)
  }
  return { ...keys, without: (scope: Scope): string => without.get(scope) ?? '' }
}
