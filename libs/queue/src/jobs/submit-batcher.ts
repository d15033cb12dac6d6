import { type JobId, PRIORITIES } from '@millrace/contracts'
import { fieldsOf, freshRecord, toHash, toRecord } from './job-fields.ts'
import { idempotencyDigest, prefixOfModel } from '../redis/keys.ts'
import type { Reply, RunScript } from '../redis/lua-scripts.ts'
import type { NewJob, SubmitResult } from '../ports/ports.ts'
import { orUnavailable } from '../redis/redis-connection.ts'

export interface SubmitLimits {
  /** Open (queued and running) jobs of one tenant for one model. */
  tenantJobs: number
  /** Open jobs of one model, all tenants together. */
  modelJobs: number
  /** Seconds until the record and files of a finished job are deleted. */
  retentionSeconds: number
}

const IDEMPOTENCY_MS = 24 * 60 * 60 * 1000
/** Keeps one script call well below a millisecond of Redis' time, and its arguments below Lua's unpack limit. */
const MOST_PER_CALL = 64

interface Waiting {
  job: NewJob
  resolve(result: SubmitResult): void
  reject(error: unknown): void
}

/**
 * Submits that arrive in the same turn of the event loop share one script call per model: half of a submit's price is
 * the round trip. Each caller still gets its own answer.
 */
export class SubmitBatcher {
  readonly #run: RunScript
  readonly #limits: SubmitLimits
  readonly #waiting = new Map<string, Waiting[]>()

  constructor(run: RunScript, limits: SubmitLimits) {
    this.#run = run
    this.#limits = limits
  }

  submit(job: NewJob): Promise<SubmitResult> {
    return new Promise((resolve, reject) => {
      const line = this.#waiting.get(job.model)
      if (line) {
        line.push({ job, resolve, reject })
        return
      }
      this.#waiting.set(job.model, [{ job, resolve, reject }])
      setImmediate(() => this.#flush(job.model))
    })
  }

  #flush(model: string): void {
    const line = this.#waiting.get(model) ?? []
    this.#waiting.delete(model)
    for (let i = 0; i < line.length; i += MOST_PER_CALL) void this.#send(model, line.slice(i, i + MOST_PER_CALL))
  }

  async #send(model: string, batch: Waiting[]): Promise<void> {
    try {
      const limits = this.#limits
      const args = batch.flatMap(({ job }) => argumentsOf(job, job.retentionSeconds ?? limits.retentionSeconds))
      const head = [model, IDEMPOTENCY_MS, limits.tenantJobs, limits.modelJobs, batch.length]
      const replies = await orUnavailable(() => this.#run('jobs/submit', prefixOfModel(model), ...head, ...args))
      batch.forEach(({ job, resolve }, i) => {
        resolve(toResult(job, (replies as Reply[])[i] as Reply[]))
      })
    } catch (error) {
      for (const { reject } of batch) reject(error)
    }
  }
}

function argumentsOf(job: NewJob, retentionSeconds: number): (string | number)[] {
  const fields = fieldsOf(job, retentionSeconds)
  const key = job.idempotency
  const head = [job.id, job.tenant, key ? idempotencyDigest(job.tenant, key.key) : '', key?.bodyHash ?? '']
  const times = [job.runAt ?? 0, Math.round(job.expiresInSeconds * 1000), PRIORITIES[job.priority], fields.length]
  return [...head, ...times, ...fields]
}

function toResult(job: NewJob, reply: Reply[]): SubmitResult {
  switch (reply[0]) {
    case 'created':
      return { outcome: 'created', record: freshRecord(job, Number(reply[1])) }
    case 'replayed':
      return { outcome: 'replayed', record: toRecord(String(reply[1]), toHash(reply[2])) }
    case 'purged':
      return { outcome: 'purged', id: String(reply[1]) as JobId }
    case 'limited':
      return {
        outcome: 'limited',
        scope: reply[1] === 'tenant' ? 'tenant' : 'model',
        open: Number(reply[2]),
        limit: Number(reply[3]),
      }
    case 'full':
      return { outcome: 'full' }
    default:
      return { outcome: 'mismatch' }
  }
}
