/**
 * Reading jobs on somebody's behalf. Called by the API's routes. Each read says on whose behalf: a tenant sees its own jobs and
 * nothing else. What the platform reads for its own upkeep goes through UpkeepReader.
 */
import type { FailureGroup, JobFilter, JobId, JobRecord, JobStatus, LoggedEvent, WaitReason } from '@millrace/contracts'
import type { Reader } from './reader.ts'
import type { ShelvedLog } from './shelf-store.ts'

/** Another tenant's job is `missing` too. `purged`: the job was purged less than a day ago. */
export type JobFound = { outcome: 'found'; record: JobRecord } | NotFound
export type NotFound = { outcome: 'purged' } | { outcome: 'missing' }

/** `lastEventId`: the last event that went into the record. */
export type Snapshot = { outcome: 'found'; record: JobRecord; lastEventId: string } | NotFound

export type EventPage =
  /** `gap`: events between `after` and these may be missing, for the log was trimmed. `more`: more may follow these. */
  | { outcome: 'events'; events: LoggedEvent[]; gap: boolean; more: boolean }
  /** The events after `after` are in the object store. */
  | { outcome: 'shelved'; log: ShelvedLog }
  /** There is no log: the job was purged, or is another tenant's. */
  | { outcome: 'missing' }

/** Which of a tenant's jobs are looked for. */
export interface SearchQuery {
  tenant: string
  /** Only of these. Default: all. */
  models?: ReadonlySet<string> | undefined
  filter?: JobFilter
  /** Default: from the newest on. */
  cursor?: string | undefined
}

export interface ListQuery extends SearchQuery {
  limit: number
}

/** How far a search went: it ends early when it has read as many records as one request may. */
export interface SearchEnd {
  /** Null when it has seen all; else the time of submit back to which it went. */
  searchedTo: string | null
  /** Where to go on; null at the end. */
  nextCursor: string | null
}

/** `searchedTo` is null too when the page is full. */
export interface JobPage extends SearchEnd {
  records: JobRecord[]
  /** Jobs of the page whose records are not understood here, such as those of another version. They hide no others. */
  unreadable: string[]
}

export interface CountedJobs extends SearchEnd {
  counts: Record<JobStatus, number>
}

/** `newest`: of the ids of these jobs, the first five. */
export interface FailedJobs {
  count: number
  firstAt: string
  lastAt: string
  newest: JobId[]
}

export interface FailureKind extends FailedJobs {
  failure: Pick<FailureGroup, 'id' | 'model' | 'version' | 'code' | 'message'>
  /** Where the last attempts were, the most frequent first. */
  places: { worker: string | null; device: string | null; count: number }[]
}

export interface FailurePlace extends FailedJobs {
  worker: string | null
  device: string | null
  /** How often which kind of failure was there, the most frequent first. */
  failures: { id: string; count: number }[]
}

/** Kinds and places with the most jobs first. */
export interface FoundFailures extends SearchEnd {
  kinds: FailureKind[]
  places: FailurePlace[]
  searched: number
  matched: number
}

/** Where a queued job waits, as its tenant may know it: no number in it counts what others have. */
export interface QueuePlace {
  /** Among the jobs of its tenant in its line, 1 is next; null while its time has not come, or while it must run alone. */
  position: number | null
  /** Jobs of its tenant that are to start before it, those among them in other lines of the same workers; null likewise. */
  ahead: number | null
  /** Seconds until it starts: as likely before as after, and before it nine times of ten. Null when nothing is known. */
  eta: { p50: number; p90: number } | null
  /** Null when nothing is in its way. */
  why: WaitReason | null
  /** Workers that serve its line, seen within the last 15 s; a hundred when there are more. */
  workers: number
}

export interface JobReader {
  get(id: JobId, reader: Reader): Promise<JobFound>
  /** The record and the end of its log, of one moment. */
  snapshot(id: JobId, reader: Reader): Promise<Snapshot>
  /** The events after an id, oldest first, at most `count`; '' is before all. */
  eventPage(id: JobId, reader: Reader, page: { after: string; count: number }): Promise<EventPage>
  /** Newest first. */
  list(query: ListQuery): Promise<JobPage>
  /** How many there are with each status. */
  count(query: SearchQuery): Promise<CountedJobs>
  /** Those that failed, by how and by where; see failureOf. */
  failures(query: SearchQuery): Promise<FoundFailures>
  /** Where a queued job waits; undefined when it has left the line meanwhile. */
  place(record: JobRecord): Promise<QueuePlace | undefined>
}
