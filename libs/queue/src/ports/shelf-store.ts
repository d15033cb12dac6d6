/**
 * Jobs that have ended and whose large values are to go to the object store, so that Redis keeps little of them: long logs at
 * once, all else only while Redis is crowded. Used by the worker's shelver.
 */
import type { JobId, JsonValue } from '@millrace/contracts'

/** An event as Redis has it. */
export type LogEntry = readonly [id: string, json: string]

/** Where a log is, and how to find one's way in it. */
export interface ShelvedLog {
  key: string
  /** Id of its last event. */
  last: string
  /** Pieces of some 64 KB: id of the last event of each, and where it ends in bytes. */
  pieces: [last: string, end: number][]
}

/** What a job that has ended has in Redis and could have elsewhere. */
export interface LeftBehind {
  tenant: string
  fence: number
  /** The record as it was read; another one by now means that what was read is old. */
  revision: string
  /** Undefined when it is small, in the object store, or holds what must be masked. */
  input: string | undefined
  output: string | undefined
  /** Empty when its log is folded: then it is small. What is on the shelf is not among them. */
  log: LogEntry[]
  /** What of its log is in the object store already. */
  shelved: ShelvedLog | undefined
}

/** Where it is now; what is absent stays. */
export interface PutAway {
  input?: JsonValue
  output?: JsonValue
  log?: ShelvedLog
}

export interface ShelfStore {
  /** Takes up to `count` of them for a minute; who dies meanwhile leaves them to others. */
  take(model: string, count: number): Promise<JobId[]>
  /** Undefined when there is nothing to move any more. */
  read(id: JobId): Promise<LeftBehind | undefined>
  /** False when the job has changed since it was read: what was written for it is nobody's. */
  putAway(id: JobId, left: LeftBehind, put: PutAway): Promise<boolean>
}
