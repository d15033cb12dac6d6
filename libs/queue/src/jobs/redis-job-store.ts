import {
  type InputFile,
  type JobError,
  type JobEvent,
  type JobId,
  type JobRecord,
  LIMITS,
  type LoggedEvent,
  type Progress,
} from '@millrace/contracts'
import type { Redis } from 'ioredis'
import { readEventPage, readEvents, readSnapshot } from './event-log.ts'
import { toRecord } from './job-fields.ts'
import { prefixOfJob } from '../redis/keys.ts'
import { listJobs } from './list-jobs.ts'
import type { RunScript, ScriptArgs } from '../redis/lua-scripts.ts'
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
    const { worker, delivery, alone = false, version } = claim
    const silence = this.#silenceMs
    const reply = await this.#run('jobs/claim', { id, worker, delivery, alone, version, silence })
    return reply.outcome === 'claimed' ? { outcome: 'claimed', record: toRecord(id, reply.record) } : reply
  }

  beat({ id, fence }: Hold, progress?: Progress): Promise<'ok' | 'cancel' | 'lost'> {
    const event = progress && progressEvent(progress)
    return this.#run('jobs/beat', { id, fence, progress, event })
  }

  async append({ id, fence }: Hold, events: JobEvent[], first: number): Promise<void> {
    if (events.length > 0) await this.#run('jobs/append', { id, fence, first, events })
  }

  resolveInputs({ id, fence }: Hold, files: InputFile[]): Promise<boolean> {
    return this.#run('jobs/resolve', { id, fence, files })
  }

  succeed(hold: Hold, success: Success): Promise<SettleResult> {
    const { runSeconds, modelMetrics: model_metrics } = success
    return this.#settle(hold, { action: 'succeed', model_metrics, ...ranFor(runSeconds), ...keptOf(success) })
  }

  fail(
    hold: Hold,
    blame: Blame,
    error: Omit<JobError, 'attempt'>,
    runSeconds?: number,
    partial?: KeptOutput,
  ): Promise<SettleResult> {
    const told: JobError = { ...error, message: error.message.slice(0, LIMITS.messageChars), attempt: hold.fence }
    const failure = { action: 'fail', blame, error: told, code: error.code } as const
    return this.#settle(hold, { ...failure, ...ranFor(runSeconds), ...keptOf(partial) })
  }

  stop(hold: Hold, partial?: KeptOutput): Promise<SettleResult> {
    return this.#settle(hold, { action: 'stop', ...keptOf(partial) })
  }

  release(hold: Hold, begun: boolean): Promise<SettleResult> {
    return this.#settle(hold, { action: 'release', begun })
  }

  #settle({ id, fence }: Hold, end: Omit<ScriptArgs<'jobs/settle'>, 'id' | 'fence'>): Promise<SettleResult> {
    return this.#run('jobs/settle', { id, fence, ...end })
  }

  async cancel(id: JobId, tenant: string): Promise<JobRecord | 'purged' | undefined> {
    const reply = await this.#run('jobs/cancel', { id, tenant })
    if (reply.outcome === 'found') return toRecord(id, reply.record)
    return reply.outcome === 'purged' ? 'purged' : undefined
  }

  async rerun(id: JobId, tenant: string): Promise<JobRecord | 'refused' | 'full' | 'purged' | undefined> {
    const reply = await this.#run('jobs/rerun', { id, tenant })
    if (reply.outcome === 'queued') return toRecord(id, reply.record)
    return reply.outcome === 'missing' ? undefined : reply.outcome
  }

  purge(id: JobId): Promise<'purged' | 'running' | 'missing'> {
    return this.#run('purge/job', { id })
  }

  async purged(id: JobId, tenant: string): Promise<void> {
    await orUnavailable(() => this.#redis.zrem(`${prefixOfJob(id)}erasing`, `${id} ${tenant}`))
  }

  events(id: JobId, after = '', count = 1000): Promise<LoggedEvent[]> {
    return readEvents(this.#run, id, after, count)
  }

  eventPage(id: JobId, after: string, count: number): Promise<EventPage> {
    return readEventPage(this.#run, id, after, count)
  }

  async snapshot(id: JobId, tenant?: string): Promise<Snapshot | 'purged' | undefined> {
    return (await readSnapshot(this.#run, id, tenant)) ?? this.#purged(id, tenant)
  }

  /** Of a job that has no record: whether this tenant's was purged. */
  async #purged(id: JobId, tenant: string | undefined): Promise<'purged' | undefined> {
    const owner = await this.#run('jobs/purged', { id })
    return owner !== null && (tenant === undefined || owner === tenant) ? 'purged' : undefined
  }
}

const ranFor = (seconds: number | undefined) => seconds !== undefined && { run_ms: Math.round(seconds * 1000) }

const keptOf = (kept: KeptOutput | undefined) => kept && { output: kept.output, output_files: kept.outputFiles }

const progressEvent = ({ fraction, message }: Progress): JobEvent => ({
  type: 'progress',
  fraction,
  ...(message !== null && { message }),
})
