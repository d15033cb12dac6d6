/** What tenants have used, for whoever tells it. Days are numbers: those since 1970 in UTC, by the clock of Redis. The driver is in usage/. */
import type { ApiKeyId } from '@millrace/contracts'

/** What is counted of each key on each day, in the order of the numbers that Redis keeps: a new one goes to the end. Times are milliseconds. */
export const USAGE_COLUMNS = [
  ...['submitted', 'reran', 'succeeded', 'failed', 'expired', 'canceled'],
  ...['queue_ms', 'run_ms', 'device_ms', 'bytes_in', 'bytes_out', 'retried'],
] as const satisfies readonly string[]

/** Whole numbers. */
export type UsageCounts = Record<(typeof USAGE_COLUMNS)[number], number>

/** What was used of one model by one tenant with one key on one day. */
export interface UsageBucket {
  day: number
  /** Null: the key of the settings, or none was needed. */
  key: ApiKeyId | null
  counts: UsageCounts
}

export interface DayRange {
  from: number
  /** Included. */
  to: number
}

/** Every call rejects with QueueUnavailableError when Redis is away. */
export interface UsageStore {
  today(): Promise<number>
  /** All models that were ever published. */
  models(): Promise<string[]>
  /** Who has used the model on these days. */
  tenants(model: string, days: DayRange): Promise<string[]>
  /** Bytes of the tenant that lie in the object store now: files, and large inputs and outputs with their files. */
  storedBytes(tenant: string): Promise<number>
  /** How long its jobs have used devices today, over all models, in milliseconds, and when today ends. By the clock of Redis. */
  deviceToday(tenant: string): Promise<{ usedMs: number; endsMs: number }>
  /** The first buckets of these days, the oldest first. `next`: the day to go on with; undefined when that was all. */
  read(model: string, tenant: string, days: DayRange): Promise<{ buckets: UsageBucket[]; next: number | undefined }>
}
