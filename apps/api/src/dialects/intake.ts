/**
 * The way of a job into the queue for all dialects: the one submit use case, then, if the client waits, the end of the job. Called by
 * their routes.
 */
import { createHash } from 'node:crypto'
import { isTerminal, type JobId, type JobRecord, ProblemError, type WebhookFormat } from '@millrace/contracts'
import { newJobId, type RepeatStore } from '@millrace/queue'
import type { ApiContext } from '../http/api-deps.ts'
import type { BodyRoom } from '../http/body/body-room.ts'
import { announcedBytes, readBody } from '../http/body/read-body.ts'
import { readJson } from '../http/body/read-json.ts'
import type { SubmitRates } from '../http/limits/submit-rates.ts'
import { withinLimit } from '../http/limits/within-limit.ts'
import { linkBase } from '../http/links.ts'
import { principalOf, tenantOf } from '../http/router.ts'
import { found, type JobRouteDeps } from '../jobs/job-context.ts'
import { EndWatch, waitForJob } from '../jobs/wait-for-job.ts'
import { findNamed } from '../models/find-model.ts'
import { Repeats } from './repeats.ts'
import type { ModelCache } from '../models/model-cache.ts'
import type { ApiMetrics } from '../http/api-metrics.ts'
import { routeSubmit } from '../submit/route-submit.ts'
import type { GivenFields } from '../submit/submit-body.ts'
import { type KeyOf, type ReadSubmit, submitJob, type SubmitDeps } from '../submit/submit-job.ts'

/** No create is held longer: some clients give up at 60 s, and then send it again. Seconds. */
export const MOST_WAIT = 50

/** What a request of a dialect asks for. */
export type DialectJob = {
  model: string
  /** Default: what a submit gets that names none. */
  version?: string | undefined
  idempotencyKey?: string | undefined
  /** The shape of what is sent to its webhook. Default: ours. */
  webhookFormat?: WebhookFormat
  /** What its client calls the job there. Default: as we do. */
  webhookId?: string | undefined
} & ({ input: Record<string, unknown>; fields?: Omit<GivenFields, 'version'> } | { read: ReadSubmit })

export interface Patience {
  /** How long the client waits for the end; cut to MOST_WAIT. Default: not at all. */
  seconds?: number
  /** A job that was kept before, under the same key, is answered as it is. Default: its end is waited for, too. */
  onlyNew?: boolean
}

export type IntakeDeps = SubmitDeps &
  JobRouteDeps & {
    cache: ModelCache
    bodies: BodyRoom
    apiMetrics: ApiMetrics
    repeats?: RepeatStore
    rates: Pick<SubmitRates, 'take' | 'refusal'>
    config: { maxUploadBytes: number; maxBodyBytes: number }
  }

export class DialectIntake {
  readonly #deps: IntakeDeps
  readonly #repeats: Repeats | undefined
  /** By what requests are compared whose input is another one each time. */
  readonly #comparedBy = new WeakMap<Request, string>()

  constructor(deps: IntakeDeps) {
    this.#deps = deps
    this.#repeats = deps.repeats && new Repeats(deps.repeats)
  }

  /**
   * Reads a JSON body and submits what `toJob` makes of it. The answer is the job as it is kept, or, if the client waits, as it is when
   * it has ended or the time is over. Throws ProblemError.
   */
  async json(
    c: ApiContext,
    toJob: (body: Record<string, unknown>) => DialectJob | Promise<DialectJob>,
    patience: Patience = {},
  ): Promise<JobRecord> {
    return this.submit(c, async () => toJob(await this.readObject(c)), patience)
  }

  /** A JSON body that is an object; `{}` when there is none. Call it while `bodies` holds room. */
  async readObject(c: ApiContext): Promise<Record<string, unknown>> {
    const bytes = await withinLimit(this.#deps, tenantOf(c), ({ config }) => readBody(c.req.raw, config.maxBodyBytes))
    const value = bytes.length === 0 ? {} : readJson(bytes).value
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
    const fault = { path: '', code: 'type', message: 'expected an object' }
    throw new ProblemError('invalid_request', { errors: [fault] })
  }

  /** A request whose input is another one each time, such as by its uploads, is known again by this. Call it before its job is there. */
  note(c: ApiContext, bytes: Uint8Array): void {
    this.#comparedBy.set(c.req.raw, createHash('sha256').update(bytes).digest('base64url'))
  }

  /** The answer to this request will say that its job goes on: when it is sent again, it means that job. */
  goesOn(c: ApiContext): void {
    this.#repeats?.goesOn(c)
  }

  /** The same for any body: `toJob` reads it. */
  async submit(
    c: ApiContext,
    toJob: () => DialectJob | Promise<DialectJob>,
    { seconds = 0, onlyNew = false }: Patience = {},
  ): Promise<JobRecord> {
    const { bodies, changes } = this.#deps
    await this.#refuseEarly(tenantOf(c))
    let watch: EndWatch | undefined
    let announced: JobId | undefined
    let isNamed = false
    try {
      const record = await bodies.hold(c.req.raw, async () => {
        const job = await toJob()
        isNamed = job.idempotencyKey !== undefined
        const keep = (keyOf?: KeyOf) =>
          this.#keep(c, { ...job, keyOf }, (id) => {
            announced = id
            // Before the job is kept: so no end is missed.
            if (seconds > 0) watch = new EndWatch(changes, id)
          })
        return this.#repeats && !isNamed ? this.#repeats.keep(c, keep, this.#comparedBy.get(c.req.raw)) : keep()
      })
      if (record.id === announced) return await this.ended(c, record, seconds, watch)
      // Kept before, so it has another id than the one that is listened for.
      return await this.ended(c, record, onlyNew && isNamed ? 0 : seconds)
    } finally {
      watch?.stop()
    }
  }

  /** A job when it has ended, or as it is when the time is over. It is kept, so nothing that happens meanwhile is a failure. */
  async ended(c: ApiContext, record: JobRecord, seconds: number, watch?: EndWatch): Promise<JobRecord> {
    if (isTerminal(record.status) || seconds <= 0) return record
    const { jobs, changes, hangUps } = this.#deps
    const onHangUp = (tell: () => void) => hangUps.listen(c, tell)
    const wait = { jobs, changes, tenant: record.tenant, onHangUp, seconds: Math.min(seconds, MOST_WAIT), watch }
    const read = await waitForJob(record.id, wait).catch(() => undefined)
    return read?.outcome === 'found' ? read.record : record
  }

  /** The job of a request, if it is there. Throws ProblemError `job_not_found` or `job_purged`. */
  async read(c: ApiContext, id: JobId): Promise<JobRecord> {
    return found(await this.#deps.jobs.get(id, { tenant: tenantOf(c) })).record
  }

  /** Who has no submit left in this minute is told so before anything is read. */
  async #refuseEarly(tenant: string): Promise<void> {
    const { submits_per_minute: quota } = await this.#deps.limits(tenant)
    const refused = quota === null ? undefined : this.#deps.rates.refusal(tenant, quota)
    if (refused) throw refused
  }

  async #keep(
    c: ApiContext,
    job: DialectJob & { keyOf?: KeyOf | undefined },
    announce: (id: JobId) => void,
  ): Promise<JobRecord> {
    const { cache, config, apiMetrics } = this.#deps
    const { model: name, version, idempotencyKey, webhookFormat, webhookId, keyOf } = job
    const { manifest } = await findNamed(cache, principalOf(c), name)
    const id = newJobId(manifest.name)
    c.set('jobId', id)
    announce(id)
    const { model, routed } = await routeSubmit(cache, manifest, id)
    const source =
      'read' in job
        ? { read: job.read }
        : { input: job.input, fields: { ...job.fields, ...(version !== undefined && { version }) } }
    try {
      const { record, replayed } = await submitJob(this.#deps, {
        ...{ principal: principalOf(c), model, routed, id, idempotencyKey, keyOf, webhookFormat, webhookId, ...source },
        ...{ base: linkBase(c, config.publicUrl), bytes: announcedBytes(c.req.raw) },
      })
      apiMetrics.submit(manifest.name, replayed ? 'replayed' : 'created')
      if (!replayed) apiMetrics.input(record)
      c.set('jobId', record.id)
      return record
    } catch (error) {
      if (error instanceof ProblemError) apiMetrics.submit(manifest.name, error.code)
      throw error
    }
  }
}
