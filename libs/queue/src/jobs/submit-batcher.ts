/**
 * Submits that arrive in the same turn of the event loop share one script call per model: half of a submit's price is the round
 * trip. Each caller still gets its own answer. Used by RedisJobStore.
 */
import { bytesOf, storedBytesOf } from '../record/bytes-of.ts'
import { fieldsOf, freshRecord, toRecord } from '../record/record-fields.ts'
import { idempotencyDigest } from '../redis/keys.ts'
import type { RunScript, ScriptArgs, ScriptReply } from '../scripts/define-scripts.ts'
import { HEAD_STARTS_MS } from '../scripts/contract/script-constants.ts'
import type { NewJob, SubmitResult } from '../ports/job-intake.ts'

export interface SubmitLimits {
  /** Open (queued and running) jobs of one tenant for one model. */
  tenantJobs: number
  /** Open jobs of one model, all tenants together. */
  modelJobs: number
  /** Seconds until the record and files of a finished job are deleted. */
  retentionSeconds: number
}

/** Keeps one script call well below a millisecond of Redis' time, and its arguments below Lua's unpack limit. */
const MOST_PER_CALL = 64

interface Waiting {
  job: NewJob
  resolve(result: SubmitResult): void
  reject(error: unknown): void
}

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
      const jobs = batch.map(({ job }) => argumentsOf(job, job.retentionSeconds ?? limits.retentionSeconds))
      const { tenantJobs: tenant_limit, modelJobs: model_limit } = limits
      const replies = await this.#run('jobs/submit', { model, tenant_limit, model_limit, jobs })
      batch.forEach(({ job, resolve }, i) => {
        const reply = replies[i]
        if (!reply) throw new TypeError('submit.lua answered for fewer jobs than it was given')
        resolve(toResult(job, reply))
      })
    } catch (error) {
      for (const { reject } of batch) reject(error)
    }
  }
}

function argumentsOf(job: NewJob, retentionSeconds: number): ScriptArgs<'jobs/submit'>['jobs'][number] {
  const key = job.idempotency
  return {
    id: job.id,
    tenant: job.tenant,
    key: job.key ?? undefined,
    bytes: bytesOf(job.input),
    stored: storedBytesOf({ value: job.input.value, files: [] }),
    idem: key ? idempotencyDigest(job.tenant, key.key) : undefined,
    hash: key?.bodyHash,
    idem_ms: key?.keptMs,
    run_at: job.runAt ?? 0,
    expires_in: Math.round(job.expiresInSeconds * 1000),
    head_start: HEAD_STARTS_MS[job.priority],
    line: job.line,
    most: job.mostOpen,
    fields: fieldsOf(job, retentionSeconds),
  }
}

function toResult(job: NewJob, reply: ScriptReply<'jobs/submit'>[number]): SubmitResult {
  switch (reply.outcome) {
    case 'created':
      return { outcome: 'created', record: freshRecord(job, reply.createdMs) }
    case 'replayed':
      return { outcome: 'replayed', record: toRecord(reply.id, reply.record) }
    default:
      return reply
  }
}
