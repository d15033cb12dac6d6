/** On what terms a job runs, by what its client asked for and what its model allows. Called by submitJob. */
import { LIMITS, type Manifest, ProblemError } from '@millrace/contracts'
import { lineOfContract, lineOfVersion, type NewJob } from '@millrace/queue'
import type { SubmitFields } from './submit-body.ts'

export type JobTerms = Pick<
  NewJob,
  | 'kind'
  | 'version'
  | 'line'
  | 'routed'
  | 'priority'
  | 'metadata'
  | 'maxAttempts'
  | 'timeoutSeconds'
  | 'runAt'
  | 'expiresInSeconds'
  | 'retentionSeconds'
>

export interface TermBounds {
  /** The split of traffic chose the version. Default: false. */
  routed?: boolean | undefined
  /** How long the tenant's jobs are kept, where nothing else is said, and at most. Seconds; null: that is not set. */
  mostRetention?: number | null
}

/**
 * `model`: the version that was named, or the one for submits that name none. Throws ProblemError `kind_not_supported`, or
 * `invalid_request` for too long a time.
 */
export function jobTerms(
  model: Manifest,
  fields: SubmitFields,
  { routed = false, mostRetention = null }: TermBounds = {},
): JobTerms {
  const timeoutSeconds = timeoutOf(model, fields)
  const isRouted = routed && fields.version === undefined
  const line =
    isRouted || fields.version !== undefined ? lineOfVersion(model.version) : lineOfContract(model, fields.kind)
  return {
    kind: fields.kind,
    version: model.version,
    line,
    routed: isRouted,
    priority: fields.priority,
    metadata: fields.metadata,
    maxAttempts: fields.max_attempts ?? model.max_attempts,
    timeoutSeconds,
    runAt: fields.run_at === undefined ? null : Date.parse(fields.run_at),
    expiresInSeconds: fields.expires_in,
    retentionSeconds: retentionOf(model, fields, mostRetention),
  }
}

function retentionOf({ retention_seconds }: Manifest, { keep_for }: SubmitFields, most: number | null) {
  if (most === null) return keep_for ?? retention_seconds
  if (keep_for !== undefined && keep_for > most) {
    const message = `jobs of yours are kept for at most ${most} seconds`
    throw new ProblemError('invalid_request', { errors: [{ path: '/keep_for', code: 'too_big', message }] })
  }
  return Math.min(keep_for ?? retention_seconds ?? most, most)
}

function timeoutOf({ name, timeout_seconds, training }: Manifest, { kind, timeout }: SubmitFields): number {
  if (kind === 'training' && !training) {
    const detail = `${name} cannot be trained. Leave \`kind\` out, or name a model whose manifest has \`training\`.`
    throw new ProblemError('kind_not_supported', { detail })
  }
  const mostSeconds = LIMITS.timeoutSeconds[kind]
  if (timeout !== undefined && timeout > mostSeconds) {
    const message = `a ${kind} may take at most ${mostSeconds} seconds`
    throw new ProblemError('invalid_request', { errors: [{ path: '/timeout', code: 'too_big', message }] })
  }
  return timeout ?? (kind === 'training' && training ? training.timeout_seconds : timeout_seconds)
}
