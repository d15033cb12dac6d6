/** Jobs as their owners see and change them, in Redis; see JobIntake, JobReader and JobControl. */
import type { JobId, JobRecord } from '@millrace/contracts'
import type { RedisClient } from '../redis/redis-client.ts'
import type { HandOnResult, JobControl, RerunResult } from '../ports/job-control.ts'
import type { JobIntake, NewJob, SeenKey, SubmitResult, TryResult } from '../ports/job-intake.ts'
import type {
  CountedJobs,
  EventPage,
  FoundFailures,
  JobFound,
  JobPage,
  JobReader,
  ListQuery,
  QueuePlace,
  SearchQuery,
  Snapshot,
} from '../ports/job-reader.ts'
import type { Reader } from '../ports/reader.ts'
import type { RunScript } from '../scripts/define-scripts.ts'
import { readEventPage, readSnapshot } from '../log/event-log.ts'
import { toRecord } from '../record/record-fields.ts'
import { countJobs } from '../search/count-jobs.ts'
import { findFailures } from '../search/find-failures.ts'
import { listJobs } from '../search/list-jobs.ts'
import type { RecordReader } from './record-reader.ts'
import { forgetPurge } from './redis-upkeep-store.ts'
import { seenKey, trySubmit } from './try-submit.ts'
import { SubmitBatcher, type SubmitLimits } from './submit-batcher.ts'
import { type LineViewOptions, LineViews } from '../waiting/line-views.ts'
import { readPlace } from '../waiting/read-place.ts'

export interface JobStoreOptions {
  redis: RedisClient
  run: RunScript
  records: RecordReader
  limits: SubmitLimits
  views?: LineViewOptions | undefined
}

export class RedisJobStore implements JobIntake, JobReader, JobControl {
  readonly #redis: RedisClient
  readonly #run: RunScript
  readonly #batcher: SubmitBatcher
  readonly #records: RecordReader
  readonly #views: LineViews
  readonly #limits: SubmitLimits

  constructor({ redis, run, records, limits, views }: JobStoreOptions) {
    this.#redis = redis
    this.#run = run
    this.#records = records
    this.#batcher = new SubmitBatcher(run, limits)
    this.#limits = limits
    this.#views = new LineViews(redis, views)
  }

  submit(job: NewJob): Promise<SubmitResult> {
    return this.#batcher.submit(job)
  }

  get(id: JobId, reader: Reader): Promise<JobFound> {
    return this.#records.find(id, tenantOf(reader))
  }

  async snapshot(id: JobId, reader: Reader): Promise<Snapshot> {
    const tenant = tenantOf(reader)
    const seen = await readSnapshot(this.#run, id, tenant)
    return seen ?? this.#records.explainAbsence(id, tenant)
  }

  eventPage(id: JobId, reader: Reader, page: { after: string; count: number }): Promise<EventPage> {
    return readEventPage(this.#run, id, tenantOf(reader), page)
  }

  list(query: ListQuery): Promise<JobPage> {
    return listJobs({ redis: this.#redis, run: this.#run }, query)
  }

  count(query: SearchQuery): Promise<CountedJobs> {
    return countJobs({ redis: this.#redis, run: this.#run }, query)
  }

  failures(query: SearchQuery): Promise<FoundFailures> {
    return findFailures({ redis: this.#redis, run: this.#run }, query)
  }

  place(record: JobRecord): Promise<QueuePlace | undefined> {
    return readPlace({ redis: this.#redis, views: this.#views }, record)
  }

  seen(job: Pick<NewJob, 'id' | 'tenant' | 'idempotency'>): Promise<SeenKey | undefined> {
    return seenKey(this.#redis, job)
  }

  tryOut(job: NewJob): Promise<TryResult> {
    return trySubmit({ redis: this.#redis, views: this.#views }, job, this.#limits)
  }

  async cancel(id: JobId, tenant: string): Promise<JobFound> {
    const reply = await this.#run('jobs/cancel', { id, tenant })
    return reply.outcome === 'found' ? { outcome: 'found', record: toRecord(id, reply.record) } : reply
  }

  handOn(id: JobId, tenant: string, from: string, to: string): Promise<HandOnResult> {
    return this.#run('log/hand_on', { id, tenant, from, to })
  }

  async rerun(id: JobId, tenant: string): Promise<RerunResult> {
    const reply = await this.#run('jobs/rerun', { id, tenant })
    return reply.outcome === 'queued' ? { outcome: 'queued', record: toRecord(id, reply.record) } : reply
  }

  purge(id: JobId, tenant: string): Promise<'purged' | 'running' | 'missing'> {
    return this.#run('purge/job', { id, tenant })
  }

  purged(id: JobId, tenant: string): Promise<void> {
    return forgetPurge(this.#redis, id, tenant)
  }
}

const tenantOf = (reader: Reader): string | undefined => (reader === 'signed' ? undefined : reader.tenant)
