/**
 * From a read body to a kept job: checks the input, stores what is large, and hands the job to the store. When the job
 * is not kept, or the same was kept before, everything stored for it is deleted again. Called by the submit route.
 */
import {
  type InputFile,
  type JobId,
  type JobKind,
  type JobRecord,
  type JobWebhook,
  type JsonValue,
  LIMITS,
  type Manifest,
  ProblemError,
  replaceAt,
} from '@millrace/contracts'
import type { JobIntake, NewJob, SubmitResult } from '@millrace/queue'
import type { AddressGuard } from '@millrace/webhooks'
import { canonicalText, sha256 } from '../input/canonical-text.ts'
import { inputSchemaOf } from '../input/compile-input-schema.ts'
import { parseFileReference } from './file-reference.ts'
import type { InputFiles } from './input-files.ts'
import type { SubmitBody } from './read-submit.ts'
import { resolveInputFiles } from './resolve-input-files.ts'
import { storeBudget } from '../http/store-budget.ts'
import { invalidInput, validateInput } from '../input/validate-input.ts'

export interface Submit {
  id: JobId
  tenant: string
  manifest: Manifest
  idempotencyKey: string | undefined
  body: SubmitBody
  /** Checked; see webhook-address.ts. */
  webhook?: JobWebhook | null
  files: InputFiles
  /** How addresses of this server begin; see linkBase. */
  base: string
  guard: Pick<AddressGuard, 'check'>
}

export interface Kept {
  record: JobRecord
  /** The same key and body came before. */
  replayed: boolean
}

/** Throws ProblemError; stored files are the caller's to discard, unless the store's answer is unknown. */
export async function prepareJob({
  id,
  tenant,
  manifest,
  idempotencyKey,
  body,
  webhook,
  files,
  base,
  guard,
}: Submit): Promise<NewJob> {
  const { request } = body
  if (request.version !== undefined && request.version !== manifest.version) {
    throw new ProblemError('version_not_available', { detail: `The published version is ${manifest.version}.` })
  }
  const limits = limitsOf(manifest, request.kind)
  if (request.timeout !== undefined && request.timeout > limits.mostSeconds) {
    const message = `a ${request.kind} may take at most ${limits.mostSeconds} seconds`
    throw new ProblemError('invalid_request', { errors: [{ path: '/timeout', code: 'too_big', message }] })
  }
  // Before defaults are filled: a new version of the model with other defaults must not look like another request.
  const bodyHash = idempotencyKey === undefined ? '' : hashOf(manifest.name, body)
  const { input, inputFiles, secrets } = await resolveFiles(manifest, { tenant, body, files, base, guard })
  return {
    id,
    kind: request.kind,
    tenant,
    model: manifest.name,
    version: manifest.version,
    input: await keepJson(JSON.stringify(input), files, secrets),
    inputFiles,
    priority: request.priority,
    metadata: request.metadata,
    maxAttempts: request.max_attempts ?? manifest.max_attempts,
    timeoutSeconds: request.timeout ?? limits.timeoutSeconds,
    runAt: request.run_at === undefined ? null : Date.parse(request.run_at),
    expiresInSeconds: request.expires_in,
    retentionSeconds: request.keep_for ?? manifest.retention_seconds,
    webhook,
    idempotency: idempotencyKey === undefined ? null : { key: idempotencyKey, bodyHash },
  }
}

/** Throws ProblemError when the model has no jobs of this kind. */
function limitsOf({ name, timeout_seconds, training }: Manifest, kind: JobKind) {
  const mostSeconds = LIMITS.timeoutSeconds[kind]
  if (kind === 'prediction') return { mostSeconds, timeoutSeconds: timeout_seconds }
  if (!training)
    throw new ProblemError('kind_not_supported', {
      detail: `${name} cannot be trained. Leave \`kind\` out, or name a model whose manifest has \`training\`.`,
    })
  return { mostSeconds, timeoutSeconds: training.timeout_seconds }
}

/**
 * Submits within 2.5 s. When no answer comes in time the job may be kept all the same, so its files stay until the answer
 * is known; what is never known is left to the sweeper. Throws ProblemError.
 */
export async function keepJob(jobs: JobIntake, job: NewJob, files: InputFiles): Promise<Kept> {
  const answer = jobs.submit(job)
  const tidy = answer.then((result) => (result.outcome === 'created' ? undefined : files.discard()))
  const settled = tidy.catch(() => undefined)
  const result = await storeBudget()(answer)
  await settled
  return toKept(result)
}

function toKept(result: SubmitResult): Kept {
  switch (result.outcome) {
    case 'created':
      return { record: result.record, replayed: false }
    case 'replayed':
      return { record: result.record, replayed: true }
    case 'purged': {
      const detail = `The job of this key, ${result.id}, was erased; it is not run again. A new job needs a new key.`
      throw new ProblemError('job_purged', { detail, jobId: result.id })
    }
    case 'mismatch':
      throw new ProblemError('idempotency_mismatch')
    case 'full':
      throw new ProblemError('storage_pressure', { retryAfter: 5 })
    case 'limited': {
      const detail = `${result.open} jobs are open, ${result.limit} are allowed.`
      throw new ProblemError(result.scope === 'tenant' ? 'tenant_limit' : 'queue_full', { detail, retryAfter: 5 })
    }
  }
}

/** Equal for equal requests, whatever the order of keys or parts. */
function hashOf(model: string, { request, input, parts, partOf }: SubmitBody): string {
  const files = parts.map(({ pointer, sha256: hash, content_type, name }) => ({ pointer, hash, content_type, name }))
  files.sort((a, b) => (a.pointer < b.pointer ? -1 : 1))
  return sha256(canonicalText({ model, request, input, files }, (text) => (partOf(text) ? null : text)))
}

/**
 * Finds the files of the input, has the job hold them, and leaves null in the place of each. Also answers where its secrets
 * are: asked before that, for a file may be one.
 */
async function resolveFiles(
  manifest: Manifest,
  { tenant, body, files, base, guard }: Pick<Submit, 'tenant' | 'body' | 'files' | 'base' | 'guard'>,
): Promise<{ input: Record<string, unknown>; inputFiles: InputFile[]; secrets: ReadonlySet<string> }> {
  const { nodes, parts, partOf } = body
  const { input, places, accepts } = await validateInput({
    manifest,
    kind: body.request.kind,
    input: body.input,
    nodes: nodes + parts.length,
    tenant,
    partType: (text) => partOf(text)?.content_type,
    isReference: (text) => parseFileReference(text, base) !== undefined,
  })
  const secrets = inputSchemaOf(manifest, body.request.kind)?.secretsIn?.(input) ?? new Set<string>()
  const strays = parts.filter(({ pointer }) => !places.has(pointer))
  if (strays.length > 0) throw invalidInput(strays.map(({ pointer }) => fault(pointer, 'takes no file')))
  const inputFiles = await resolveInputFiles({
    ...{ places, accepts, parts, files, base, guard },
    isPart: (text) => partOf(text) !== undefined,
  })
  for (const pointer of places.keys()) replaceAt(input, pointer, null)
  return { input, inputFiles, secrets }
}

const fault = (pointer: string, message: string) => ({ path: `/input${pointer.slice(0, 200)}`, code: 'file', message })

/** Small text stays in the record, with word of what in it is not to be shown; large text goes to the store. */
async function keepJson(json: string, files: InputFiles, secrets: ReadonlySet<string>): Promise<JsonValue> {
  if (Buffer.byteLength(json) <= LIMITS.inlineBytes) {
    return { inline: json, ...(secrets.size > 0 && { secrets: [...secrets] }) }
  }
  return { stored: await files.storeInput(json) }
}
