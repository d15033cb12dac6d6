import {
  type InputFile,
  type JobError,
  type JobEvent,
  type JobId,
  type JobRecord,
  jobStatusSchema,
  LIMITS,
  type LoggedEvent,
  type Progress,
} from '@millrace/contracts'
import type { Redis } from 'ioredis'
import { readEventPage, readEvents, readSnapshot } from './event-log.ts'
import { toHash, toRecord } from './job-fields.ts'
import { prefixOfJob } from '../redis/keys.ts'
import { listJobs } from './list-jobs.ts'
import type { Reply, RunScript, ScriptName } from '../redis/lua-scripts.ts'
import type {
  Blame,
  ClaimResult,
  EventPage,
  Hold,
  JobPage,
  JobStore,
  KeptOutput,
  ListQuery,
  NewJob,
  SettleResult,
  Snapshot,
  SubmitResult,
  Success,
} from '../ports/ports.ts'
import { orUnavailable } from '../redis/redis-connection.ts'
import { RecordReader } from './record-reader.ts'
import { SubmitBatcher, type SubmitLimits } from './submit-batcher.ts'

export interface JobStoreOptions {
  redis: Redis
  run: RunScript
  limits: SubmitLimits
  /** A delivery of a running job is a mistake of the transport while its worker was heard within this. Milliseconds. */
  silenceMs: number
}

/** The record of every job, in Redis. One script call per verb; see ports.ts for what each promises. */
export class RedisJobStore implements JobStore {
  readonly #redis: Redis
  readonly #run: RunScript
  readonly #batcher: SubmitBatcher
  readonly #reader: RecordReader
  readonly #silenceMs: number

  constructor(options: JobStoreOptions) {
    this.#redis = options.redis
    this.#run = options.run
    this.#silenceMs = options.silenceMs
    this.#batcher = new SubmitBatcher(options.run, options.limits)
    this.#reader = new RecordReader(options.redis)
  }

  submit(job: NewJob): Promise<SubmitResult> {
    return this.#batcher.submit(job)
  }

  async get(id: JobId, tenant?: string): Promise<JobRecord | 'purged' | undefined> {
    const hash = await orUnavailable(() => this.#reader.read(`${prefixOfJob(id)}job:${id}`))
    if (!hash.status) return this.#purged(id, tenant)
    if (tenant !== undefined && hash.tenant !== tenant) return undefined
    return hash.status === 'purged' ? 'purged' : toRecord(id, hash)
  }

  list(query: ListQuery): Promise<JobPage> {
    return listJobs(this.#redis, query)
  }

  async position(record: JobRecord): Promise<number | null> {
    const rank = await orUnavailable(() => this.#redis.zrank(`${prefixOfJob(record.id)}line`, record.id))
    return rank === null ? null : rank + 1
  }

  async claim(id: JobId, claim: Parameters<JobStore['claim']>[1]): Promise<ClaimResult> {
    const { worker, delivery, alone, version } = claim
    const args = [worker, delivery, alone ? 1 : 0, version ?? '', LIMITS.crashes, this.#silenceMs]
    const reply = (await this.#call('jobs/claim', id, ...args)) as Reply[]
    switch (reply[0]) {
      case 'claimed':
        return { outcome: 'claimed', record: toRecord(id, toHash(reply[1])) }
      case 'suspect':
        return { outcome: 'suspect' }
      case 'early':
        return { outcome: 'early', delayMs: Number(reply[1]) }
      default:
        return { outcome: 'settled', status: reply[1] === 'missing' ? 'missing' : jobStatusSchema.parse(reply[1]) }
    }
  }

  async beat(hold: Hold, progress?: Progress): Promise<'ok' | 'cancel' | 'lost'> {
    const told = progress ? [JSON.stringify(progress), JSON.stringify(progressEvent(progress))] : ['']
    const reply = await this.#call('jobs/beat', hold.id, hold.fence, ...told)
    return reply as 'ok' | 'cancel' | 'lost'
  }

  async append(hold: Hold, events: JobEvent[], first: number): Promise<void> {
    if (events.length === 0) return
    await this.#call('jobs/append', hold.id, hold.fence, first, ...events.map((event) => JSON.stringify(event)))
  }

  async resolveInputs(hold: Hold, files: InputFile[]): Promise<boolean> {
    return (await this.#call('jobs/resolve', hold.id, hold.fence, JSON.stringify(files))) === 1
  }

  async succeed(hold: Hold, success: Success): Promise<SettleResult> {
    const { runSeconds, modelMetrics } = success
    return this.#settle(hold, 'succeed', runSeconds, success, modelMetrics ? JSON.stringify(modelMetrics) : '')
  }

  async fail(
    hold: Hold,
    blame: Blame,
    error: Omit<JobError, 'attempt'>,
    runSeconds?: number,
    partial?: KeptOutput,
  ): Promise<SettleResult> {
    const whole: JobError = { ...error, message: error.message.slice(0, LIMITS.messageChars), attempt: hold.fence }
    const limits = [LIMITS.crashes, LIMITS.sourceFaults]
    return this.#settle(hold, 'fail', runSeconds, partial, blame, JSON.stringify(whole), error.code, ...limits)
  }

  stop(hold: Hold, partial?: KeptOutput): Promise<SettleResult> {
    return this.#settle(hold, 'stop', undefined, partial)
  }

  release(hold: Hold, begun: boolean): Promise<SettleResult> {
    return this.#settle(hold, 'release', undefined, undefined, begun ? 1 : '')
  }

  async #settle(
    hold: Hold,
    action: string,
    runSeconds: number | undefined,
    kept: KeptOutput | undefined,
    ...args: (string | number)[]
  ): Promise<SettleResult> {
    const runMs = runSeconds === undefined ? '' : Math.round(runSeconds * 1000)
    const output = kept ? [JSON.stringify(kept.output), JSON.stringify(kept.outputFiles)] : ['', '']
    const reply = (await this.#call('jobs/settle', hold.id, hold.fence, action, runMs, ...output, ...args)) as Reply[]
    if (reply[0] === 'done') return { outcome: 'done', status: jobStatusSchema.parse(reply[1]) }
    if (reply[0] === 'queued') return { outcome: 'queued', delayMs: Number(reply[1]) }
    return reply[0] === 'crowded' ? { outcome: 'crowded' } : { outcome: 'fenced' }
  }

  async cancel(id: JobId, tenant: string): Promise<JobRecord | 'purged' | undefined> {
    const hash = toHash(await this.#call('jobs/cancel', id, tenant))
    if (!hash.status) return undefined
    if (hash.status === 'purged') return 'purged'
    return toRecord(id, hash)
  }

  async rerun(id: JobId, tenant: string): Promise<JobRecord | 'refused' | 'full' | 'purged' | undefined> {
    const [outcome, flat] = (await this.#call('jobs/rerun', id, tenant)) as Reply[]
    if (outcome === undefined) return undefined
    if (outcome === 'full') return 'full'
    const hash = toHash(flat)
    if (outcome === 'refused') return hash.status === 'purged' ? 'purged' : 'refused'
    return toRecord(id, hash)
  }

  async purge(id: JobId): Promise<'purged' | 'running' | 'missing'> {
    return (await this.#call('purge/job', id)) as 'purged' | 'running' | 'missing'
  }

  async purged(id: JobId, tenant: string): Promise<void> {
    await orUnavailable(() => this.#redis.zrem(`${prefixOfJob(id)}erasing`, `${id} ${tenant}`))
  }

  events(id: JobId, after = '', count = 1000): Promise<LoggedEvent[]> {
    return orUnavailable(() => readEvents(this.#run, id, after, count))
  }

  eventPage(id: JobId, after: string, count: number): Promise<EventPage> {
    return orUnavailable(() => readEventPage(this.#run, id, after, count))
  }

  async snapshot(id: JobId, tenant?: string): Promise<Snapshot | 'purged' | undefined> {
    return (await orUnavailable(() => readSnapshot(this.#run, id, tenant))) ?? this.#purged(id, tenant)
  }

  /** Of a job that has no record: whether this tenant's was purged. */
  async #purged(id: JobId, tenant: string | undefined): Promise<'purged' | undefined> {
    const owner = await this.#call('jobs/purged', id)
    return owner !== null && (tenant === undefined || owner === tenant) ? 'purged' : undefined
  }

  #call(name: ScriptName, id: JobId, ...args: (string | number)[]): Promise<Reply> {
    return orUnavailable(() => this.#run(name, prefixOfJob(id), id, ...args))
  }
}

const progressEvent = ({ fraction, message }: Progress): JobEvent => ({
  type: 'progress',
  fraction,
  ...(message !== null && { message }),
})
