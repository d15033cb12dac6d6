/**
 * The one way to submit a job, whoever asks: limits, webhook, files, input and the store, in that order. It knows nothing of
 * HTTP. What was stored for a job that is not kept is let go of here and nowhere else. Called by the submit route; whatever
 * else makes jobs calls it too.
 */
import {
  type DryRun,
  idempotencyKeySchema,
  type JobId,
  type JobRecord,
  LIMITS,
  type Manifest,
  ProblemError,
  type RateLimit,
  type WebhookFormat,
} from '@millrace/contracts'
import {
  type JobIntake,
  type ModelReader,
  newJobId,
  type NewJob,
  type SeenKey,
  type SubmitResult,
} from '@millrace/queue'
import { blameHook, type ReviewSubmit } from '../hooks/review-submit.ts'
import type { ApiDeps } from '../http/api-deps.ts'
import { readJson } from '../http/body/read-json.ts'
import type { Principal } from '../http/access/principal.ts'
import type { StoredRoom } from '../http/limits/stored-room.ts'
import type { FindLimits } from '../http/limits/find-limits.ts'
import type { OpenJobs } from '../http/limits/open-jobs.ts'
import type { SubmitRates } from '../http/limits/submit-rates.ts'
import type { TenantLimits } from '../http/limits/tenant-limits.ts'
import { inStoreTime, isAway } from '../http/store-time.ts'
import { queueView } from '../views/queue-view.ts'
import { webhookOf } from '../webhooks/webhook-address.ts'
import { InputFiles, type InputFilesDeps } from './input-files.ts'
import { jobTerms } from './job-terms.ts'
import { type GivenFields, hashOfBody, jsonBody, type SubmitBody } from './submit-body.ts'
import { crowded, refuseSubmit, type Refused } from '../http/limits/refuse-submit.ts'
import { takeInput } from './take-input.ts'

export type SubmitDeps = InputFilesDeps &
  Pick<ApiDeps, 'webhookGuard' | 'inputGuard' | 'memoryPressure'> & {
    /** For jobs that name a version. */
    models: Pick<ModelReader, 'version'>
    /** What holds for each tenant, and what is left of it. */
    limits: FindLimits
    rates: Pick<SubmitRates, 'take'>
    openJobs: Pick<OpenJobs, 'mostIn' | 'noteKept' | 'others'>
    /** Not limited in time: its answer decides about the files, however late it comes. */
    intake: JobIntake
    logger: Pick<ApiDeps['logger'], 'warn' | 'error'>
    /** Whether the tenant may store more. Default: anything. */
    storedRoom?: Pick<StoredRoom, 'refusal'>
    /** The hook of the operator that sees submits. Default: there is none. */
    review?: ReviewSubmit | undefined
    /** A hook is to hear of the ends of jobs. Default: none is. */
    owesEnd?: boolean
  }

export type Submit = SubmitOptions & SubmitSource

interface SubmitOptions {
  principal: Principal
  /** The version for submits that name none: the current one, or the one that the split of traffic chose. */
  model: Manifest
  /** The split chose it. Default: false. */
  routed?: boolean
  /** Same key and same request, same job, for 24 hours. */
  idempotencyKey?: string
  /** Of a request without a key: the key of its job, by a hash of what is asked for. It is known for some minutes. Default: none. */
  keyOf?: KeyOf | undefined
  /** How large the request says that it is. Default: that is not known. */
  bytes?: number | undefined
  /** What a new job will be called, for who listens for it before it is kept. Default: a new id. */
  id?: JobId
  /** The shape of what is sent to its webhook. Default: ours. */
  webhookFormat?: WebhookFormat | undefined
  /** What its client calls the job there. Default: as we do. */
  webhookId?: string | undefined
  /** The job whose input this is. Default: none. */
  rerunOf?: JobId
  /** The batch that it is a row of. Default: none. */
  batch?: string
  /** How addresses of this server begin (see linkBase), so that the input may name its files by them. Default: no such. */
  base?: string
}

/** `bodyHash`: what a request of the same key has to have, too. */
export type KeyOf = (bodyHash: string) => Promise<{ key: string; bodyHash: string }>

/** A request that is there, or a way to read one. */
type SubmitSource = { input: Record<string, unknown>; fields?: GivenFields } | { read: ReadSubmit }

/** Reads a request whose files come with it, and stores each as it arrives. Must not end while a `store` is in flight. */
export type ReadSubmit = (files: Pick<InputFiles, 'store' | 'load'>) => Promise<SubmitBody>

export interface Kept {
  record: JobRecord
  /** The same key and request came before: this is that job. */
  replayed: boolean
  /** What is left of the submits in a minute, where that is limited. */
  rateLimit: RateLimit | undefined
}

/** Resolves when the job is kept. Rejects with ProblemError when it is refused, or when no answer came in time. */
export async function submitJob(deps: SubmitDeps, submit: Submit): Promise<Kept> {
  const { job, seen, rejectsLate, rateLimit, refuse, discard } = await takeJob(deps, submit)
  if (seen) {
    await discard()
    if (seen.outcome !== 'replayed') throw refuse(seen)
    const found = await inStoreTime(deps.jobs.get(seen.id, { tenant: job.tenant }))
    if (found.outcome !== 'found') throw refuse({ outcome: 'purged', id: seen.id })
    return { record: found.record, replayed: true, rateLimit }
  }
  if (rejectsLate) await refuseLate(deps.intake, job, discard)
  const result = await keep(deps.intake, job, discard)
  if (result.outcome !== 'created' && result.outcome !== 'replayed') throw refuse(result)
  if (result.outcome === 'created') deps.openJobs.noteKept(job.model, job.tenant)
  return { record: result.record, replayed: result.outcome === 'replayed', rateLimit }
}

/** What would become of the same request, and where its job would wait. Nothing is kept. Rejects with what it would be refused with. */
export async function tryJob(deps: SubmitDeps, submit: Submit): Promise<DryRun> {
  if (deps.memoryPressure()) throw crowded()
  const { job, refuse, discard } = await takeJob(deps, submit, true)
  const { model, version } = job
  const head = { object: 'dry_run', model, version, job_id: null, late: false } as const
  try {
    const tried = await inStoreTime(deps.intake.tryOut(job))
    if (tried.outcome === 'replayed') return { ...head, job_id: tried.id, queue: null }
    if (tried.outcome !== 'possible') throw refuse(tried)
    return { ...head, late: tried.isLate, queue: queueView(job, tried.place) }
  } finally {
    await discard()
  }
}

interface TakenJob {
  job: NewJob
  /** Its key was used before, so that no hook was asked: this job must not be kept. Looked for only where there are hooks. */
  seen: SeenKey | undefined
  rejectsLate: boolean
  rateLimit: RateLimit | undefined
  /** What the client hears when the store does not keep it. */
  refuse(result: Refused): ProblemError
  /** Lets go of its files. Never rejects. */
  discard(): Promise<void>
}

/** Reads and checks a request, and stores its files. Those of one that is refused are let go of here. */
async function takeJob(deps: SubmitDeps, submit: Submit, dryRun = false): Promise<TakenJob> {
  const { principal, model, idempotencyKey, id = newJobId(model.name), base, routed } = submit
  const { rerunOf, batch, webhookFormat, webhookId, keyOf } = submit
  if (idempotencyKey !== undefined) checkKey(idempotencyKey)
  // Spares the work of reading it. With a key the job may be kept already: then the answer is that job.
  else if (deps.memoryPressure()) throw crowded()
  const limits = await deps.limits(principal.tenant)
  const perMinute = limits.submits_per_minute
  const rateLimit = perMinute === null ? undefined : await deps.rates.take(principal.tenant, perMinute)
  const noRoom = await deps.storedRoom?.refusal(principal.tenant, storedOf(submit.bytes))
  if (noRoom && idempotencyKey === undefined) throw noRoom
  const files = new InputFiles(deps, principal, id)
  const discard = (): Promise<void> =>
    files.discard().catch((cause: unknown) => deps.logger.warn({ err: cause, job: id }, 'files were left over'))
  try {
    const body = 'read' in submit ? await submit.read(files) : givenBody(submit)
    const own = { id, base, routed, rerunOf, batch, webhookFormat, webhookId, keyOf }
    const asked = { principal, model, idempotencyKey, ...own, dryRun, limits, noRoom }
    const { job, seen } = await prepare(deps, asked, body, files)
    const refuse = (result: Refused): ProblemError =>
      refuseSubmit(result, { limits, others: deps.openJobs.others(job.model, job.tenant) })
    return { job, seen, rejectsLate: body.fields.reject_if_late === true, rateLimit, refuse, discard }
  } catch (error) {
    const tidied = discard()
    if (!isAway(error)) await tidied
    throw error
  }
}

/** A job of this key that is kept already is answered with, however late another one would be. */
async function refuseLate(intake: JobIntake, job: NewJob, discard: () => Promise<void>): Promise<void> {
  const tried = await inStoreTime(intake.tryOut(job)).catch(async (error: unknown) => {
    await discard()
    throw error
  })
  if (tried.outcome !== 'possible' || !tried.isLate) return
  await discard()
  const { p50, p90 } = tried.place.eta ?? { p50: 0, p90: 0 }
  const detail = `It would probably start in ${p50} s (nine times of ten within ${p90} s), and expires ${job.expiresInSeconds} s after it may start.`
  throw new ProblemError('would_be_late', { detail, eta: { p50, p90 } })
}

type Prepared = SubmitOptions & {
  id: JobId
  dryRun: boolean
  limits: TenantLimits
  noRoom: ProblemError | undefined
}

async function prepare(
  deps: SubmitDeps,
  asked: Prepared,
  body: SubmitBody,
  files: InputFiles,
): Promise<Pick<TakenJob, 'job' | 'seen'>> {
  const { principal, model, id, routed, rerunOf, batch, dryRun, limits, base = '' } = asked
  const { tenant, key } = principal
  const webhook = webhookOf(deps.webhookGuard, body.fields, { format: asked.webhookFormat, id: asked.webhookId })
  const version = await versionOf(deps.models, model, body.fields.version)
  const terms = jobTerms(version, body.fields, { routed, mostRetention: limits.retention_seconds })
  // Before defaults are filled in: a new version of the model with other defaults must not look like another request. And before
  // a hook changes anything, for the same reason.
  const idempotency = await idempotencyOf(asked, () => hashOfBody(model.name, body))
  const seen =
    deps.review || asked.noRoom ? await inStoreTime(deps.intake.seen({ id, tenant, idempotency })) : undefined
  if (asked.noRoom && !seen) throw asked.noRoom
  const review =
    deps.review &&
    !seen &&
    (async (input: Record<string, unknown>) => {
      const { kind, metadata } = terms
      const changed = await deps.review?.({ principal, model: version, kind, input, metadata, dryRun })
      if (changed?.metadata) terms.metadata = changed.metadata
      return changed?.input
    })
  const input = await takeInput(body, {
    model: version,
    tenant,
    files,
    base,
    guard: deps.inputGuard,
    ...(review && { review, onMisfit: (error: unknown) => blameHook(error, deps.logger) }),
  })
  const afterEnd = deps.owesEnd
  const mostOpen = await deps.openJobs.mostIn(model.name, tenant, limits.open_jobs)
  // One literal, with the terms last: to add to a copy costs more than to copy.
  const name = model.name
  return {
    job: { id, tenant, key, model: name, input, webhook, idempotency, rerunOf, batch, afterEnd, mostOpen, ...terms },
    seen,
  }
}

async function idempotencyOf(
  { idempotencyKey, keyOf }: Pick<Prepared, 'idempotencyKey' | 'keyOf'>,
  hash: () => string,
): Promise<NewJob['idempotency']> {
  if (idempotencyKey !== undefined) return { key: idempotencyKey, bodyHash: hash() }
  if (!keyOf) return null
  return { ...(await keyOf(hash())), keptMs: REPEATED_MS }
}

/** Longer than a create is held, and one is sent again after that. */
const REPEATED_MS = 10 * 60_000

/** The version that a job names, or the current one. Throws ProblemError `version_not_available`. */
export async function versionOf(
  models: Pick<ModelReader, 'version'>,
  current: Manifest,
  version: string | undefined,
): Promise<Manifest> {
  if (version === undefined || version === current.version) return current
  const known = await models.version(current.name, version)
  if (known) return known
  throw new ProblemError('version_not_available', { detail: `The current version is ${current.version}.` })
}

/**
 * Submits within 2.5 s. When no answer comes in time the job may be kept all the same, so its files stay until the answer
 * is known; what is never known is left to the sweeper.
 */
async function keep(intake: JobIntake, job: NewJob, discard: () => Promise<void>): Promise<SubmitResult> {
  const answer = intake.submit(job)
  const tidied = answer.then((result) => (result.outcome === 'created' ? undefined : discard())).catch(() => undefined)
  const result = await inStoreTime(answer)
  await tidied
  return result
}

/** A request that is no larger stays in the record, so it only needs some room for what its job may give. */
const storedOf = (bytes = 0): number => (bytes > LIMITS.inlineBytes ? bytes : 0)

function checkKey(key: string): void {
  if (idempotencyKeySchema.safeParse(key).success) return
  throw new ProblemError('invalid_request', { detail: 'Idempotency-Key takes 1 to 255 visible ASCII characters.' })
}

/** Read as if it had been sent: a copy that the check may fill in, with nothing in it that a client could not send. */
function givenBody({ input, fields }: { input: Record<string, unknown>; fields?: GivenFields }): SubmitBody {
  const { value, nodes } = readJson(Buffer.from(JSON.stringify({ ...fields, input })))
  return jsonBody(value, nodes)
}
