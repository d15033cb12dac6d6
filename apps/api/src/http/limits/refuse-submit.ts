/** What a submit is refused with that the store did not keep. Called by submitJob. */
import { ProblemError } from '@millrace/contracts'
import type { SubmitResult } from '@millrace/queue'
import type { TenantLimits } from './tenant-limits.ts'

const DAY_SECONDS = 86_400
/** Seconds after which some open jobs may have ended. */
const RETRY_AFTER_OPEN = 5

export type Refused = Exclude<SubmitResult, { outcome: 'created' | 'replayed' }>

export interface RefusedOf {
  limits: TenantLimits
  /** Jobs that the tenant has open in other models, as far as is known. */
  others: number
}

export function refuseSubmit(result: Refused, { limits, others }: RefusedOf): ProblemError {
  switch (result.outcome) {
    case 'purged': {
      const detail = `The job of this key, ${result.id}, was purged; it is not run again. A new job needs a new key.`
      return new ProblemError('job_purged', { detail, jobId: result.id })
    }
    case 'mismatch':
      return new ProblemError('idempotency_mismatch')
    case 'barred':
      return new ProblemError('tenant_erased')
    case 'paused':
      return new ProblemError('model_paused', { retryAfter: 30 })
    case 'spent': {
      const [name, quota] = ['device_seconds_per_day', limits.device_seconds_per_day ?? 0]
      const resetSeconds = Math.ceil(result.resetsMs / 1000)
      const rateLimit = { name, quota, windowSeconds: DAY_SECONDS, remaining: 0, resetSeconds }
      return new ProblemError('device_seconds_limit', { retryAfter: resetSeconds, rateLimit })
    }
    case 'full':
      return crowded()
    case 'limited': {
      const isOwn = result.scope === 'tenant'
      const quota = isOwn ? limits.open_jobs : result.limit
      const detail = `${result.open + (isOwn ? others : 0)} jobs are open, ${quota} are allowed.`
      if (!isOwn) return new ProblemError('queue_full', { detail, retryAfter: RETRY_AFTER_OPEN })
      const rateLimit = { name: 'open_jobs', quota, remaining: 0 }
      return new ProblemError('tenant_limit', { detail, retryAfter: RETRY_AFTER_OPEN, rateLimit })
    }
  }
}

export const crowded = (): ProblemError => new ProblemError('storage_pressure', { retryAfter: 5 })
