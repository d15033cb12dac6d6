/** Predictions and trainings as Replicate's clients make, read, list and cancel them. Used by the routes beside it. */
import {
  type JobKind,
  type JobRecord,
  isTerminal,
  ProblemError,
  FINAL_WEBHOOK_EVENTS,
  type WebhookEvent,
} from '@millrace/contracts'
import {
  canonicalVersion,
  progressLine,
  splitVersion,
  toPrediction,
  toReplicateTraining,
  withoutModel,
} from '@millrace/dialects'
import type { ApiContext } from '../../http/api-deps.ts'
import { mayUseModel } from '../../http/access/principal.ts'
import { linkBase } from '../../http/links.ts'
import { preferredWait } from '../../http/parse-wait.ts'
import { principalOf, tenantOf } from '../../http/router.ts'
import { found, jobIdOf } from '../../jobs/job-context.ts'
import type { DialectDeps } from '../dialect.ts'
import { type DialectJob, MOST_WAIT } from '../intake.ts'
import { JobLog } from '../job-log.ts'
import { streamPath } from './stream-routes.ts'

/** How all its paths begin. */
export const BASE = '/replicate/v1'

const PAGE = 100

type Body = Record<string, unknown>
type Target = Pick<DialectJob, 'model' | 'version'>

export class Predictions {
  readonly #deps: DialectDeps
  readonly #kind: JobKind
  readonly #log: JobLog

  constructor(deps: DialectDeps, kind: JobKind = 'prediction') {
    this.#deps = deps
    this.#kind = kind
    this.#log = new JobLog(deps)
  }

  /** `target`: the model that the path names. Default: the version that the body names. */
  async create(c: ApiContext, target?: Target): Promise<Response> {
    const seconds = preferredWait(c.req.header('prefer')) ?? 0
    const toJob = async (body: Body): Promise<DialectJob> => ({
      ...(target ?? (await this.#named(c, body))),
      input: inputOf(body),
      fields: { kind: this.#kind, ...webhookOf(body), ...destinationOf(body) },
      webhookFormat: 'replicate',
    })
    const record = await this.#deps.doorway.json(c, toJob, { seconds: Math.min(seconds, MOST_WAIT) })
    const shown = await this.#show(c, record)
    // A client that waited takes any other status for the end, with no output.
    if (!isTerminal(record.status)) shown.status = 'starting'
    return c.json(shown, 201)
  }

  async read(c: ApiContext): Promise<Response> {
    const record = await this.#deps.doorway.read(c, jobIdOf(c))
    if (record.kind !== this.#kind) throw new ProblemError('job_not_found')
    return c.json(await this.#show(c, record))
  }

  async cancel(c: ApiContext): Promise<Response> {
    const { record } = found(await this.#deps.jobs.cancel(jobIdOf(c), tenantOf(c)))
    return c.json(await this.#show(c, record))
  }

  /** Newest first; without logs. */
  async list(c: ApiContext): Promise<Response> {
    const { tenant, models } = principalOf(c)
    const { cursor } = c.req.query()
    const filter = { kind: this.#kind, ...timesOf(c) }
    const page = await this.#deps.jobs.list({ tenant, models: models?.names, filter, limit: PAGE, cursor })
    const results = await Promise.all(page.records.map((record) => this.#show(c, record, false)))
    const next = page.nextCursor && `${this.#base(c)}/${this.#path}?cursor=${encodeURIComponent(page.nextCursor)}`
    return c.json({ previous: null, next, results })
  }

  get #path(): string {
    return `${this.#kind}s`
  }

  #base = (c: ApiContext): string => `${linkBase(c, this.#deps.config.publicUrl)}${BASE}`

  async #show(c: ApiContext, record: JobRecord, withLogs = true): Promise<Record<string, unknown>> {
    const { values, signer, config } = this.#deps
    const base = linkBase(c, config.publicUrl)
    const [input, output, said, stream] = await Promise.all([
      values.input(record, base),
      values.output(record, base),
      withLogs ? this.#log.read(record) : { logs: '', chunks: [] },
      streamPath(signer, record.id),
    ])
    const soFar = said.chunks.length > 0 && record.output === null && record.status === 'running' ? said.chunks : output
    const links = { base: `${base}${BASE}`, stream: `${base}${stream}` }
    const parts = { record, owner: config.replicateOwner, input, output: soFar, logs: logsOf(record, said.logs), links }
    return record.kind === 'training' ? toReplicateTraining(parts) : toPrediction(parts)
  }

  /** Whose version the body names: an id of ours says it; a bare version does where only one model has it. */
  async #named(c: ApiContext, { version }: Body): Promise<Target> {
    if (typeof version !== 'string' || version === '' || version.length > 256)
      throw misfit('/version', 'expected the id of a version')
    const named = splitVersion(version)
    if (named.model !== undefined && (version.includes('/') || (await this.#deps.cache.get(named.model)))) {
      return { model: named.model, version: named.version }
    }
    const states = await this.#deps.models.list()
    const having = states.filter(
      ({ manifest }) => manifest.version === version && mayUseModel(principalOf(c), manifest.name),
    )
    const [only] = having
    if (only && having.length === 1) return { model: only.manifest.name, version }
    const ids = having.map(({ manifest }) => canonicalVersion(manifest.name, manifest.version))
    const detail = only
      ? `More than one model has this version. Name one: ${ids.slice(0, 10).join(', ')}.`
      : 'A version is written `model.version`, such as echo.1.0.0.'
    throw new ProblemError('version_not_available', { detail })
  }
}

/** The target that a path names, with a version or without. */
export function targetOf(c: ApiContext): Target {
  const model = c.req.param('model') ?? ''
  const version = c.req.param('version')
  return { model, version: version === undefined ? undefined : withoutModel(version, model) }
}

/** Progress is the last line, while there is more to come. */
function logsOf({ progress, status, started_at }: JobRecord, logs: string): string {
  if (!progress || status !== 'running') return logs
  const seconds = started_at === null ? 0 : Math.max(0, (Date.now() - Date.parse(started_at)) / 1000)
  return `${logs}${progressLine(progress, seconds)}`
}

const misfit = (path: string, message: string): ProblemError =>
  new ProblemError('invalid_request', { errors: [{ path, code: 'type', message }] })

function inputOf({ input }: Body): Record<string, unknown> {
  if (typeof input === 'object' && input !== null && !Array.isArray(input)) return input as Record<string, unknown>
  throw misfit('/input', 'expected an object')
}

/** What each of its events is here. */
const EVENTS: Readonly<Record<string, readonly WebhookEvent[]>> = {
  start: ['job.started'],
  output: ['job.output'],
  logs: ['job.progress'],
  completed: FINAL_WEBHOOK_EVENTS,
}

function webhookOf({ webhook, webhook_events_filter: filter }: Body): {
  webhook?: string
  webhook_events?: WebhookEvent[]
} {
  if (webhook === undefined || webhook === null || webhook === '') return {}
  if (typeof webhook !== 'string') throw misfit('/webhook', 'expected an address')
  const named = Array.isArray(filter) && filter.length > 0 ? filter.map(String) : Object.keys(EVENTS)
  const strange = named.find((name) => !Object.hasOwn(EVENTS, name))
  if (strange !== undefined) throw misfit('/webhook_events_filter', 'expected some of start, output, logs, completed')
  return { webhook, webhook_events: [...new Set(named.flatMap((name) => EVENTS[name] ?? []))] }
}

/** Of a training: kept as a label, and shown again. */
function destinationOf({ destination }: Body): { metadata?: Record<string, string> } {
  if (destination === undefined || destination === null) return {}
  if (typeof destination !== 'string' || destination.length > 200) throw misfit('/destination', 'expected owner/name')
  return { metadata: { destination } }
}

function timesOf(c: ApiContext): { created_after?: string; created_before?: string } {
  const { created_after, created_before } = c.req.query()
  const valid = (text: string | undefined) =>
    text && !Number.isNaN(Date.parse(text)) ? new Date(text).toISOString() : undefined
  return { created_after: valid(created_after), created_before: valid(created_before) }
}
