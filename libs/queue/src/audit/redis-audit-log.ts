/** The audit in Redis: a stream beside the keys of the API. Made by openQueue. */
import { type AuditEntry, isoTime } from '@millrace/contracts'
import type { AuditLog, AuditQuery, NewAuditEntry } from '../ports/access/audit-log.ts'
import { ACCESS_SHARD, tagOf } from '../redis/keys.ts'
import { InvalidCursorError } from '../redis/newest-entries.ts'
import type { RedisClient } from '../redis/redis-client.ts'
import { orUnavailable } from '../redis/redis-connection.ts'
import type { RunScript } from '../scripts/define-scripts.ts'

export interface AuditBounds {
  /** How long entries are kept. Milliseconds. */
  keptMs: number
  /** How many are kept. */
  most: number
}

type StreamEntry = [place: string, fields: string[]]

const LOG = `${ACCESS_SHARD}audit:log`
/** Entries that are read at once, and how often for one page: of a rare kind, a page may come out short. */
const READ_AT_ONCE = 500
const MOST_READS = 10

const PLACE = /^\d{1,15}-\d{1,15}$/

export class RedisAuditLog implements AuditLog {
  readonly #redis: RedisClient
  readonly #run: RunScript
  readonly #bounds: { kept: number; most: number }

  constructor(redis: RedisClient, run: RunScript, { keptMs, most }: AuditBounds) {
    this.#redis = redis
    this.#run = run
    this.#bounds = { kept: keptMs, most }
  }

  async begin(...[entry, options]: Parameters<AuditLog['begin']>): Promise<void> {
    await this.#run('audit/begin', this.#written(entry, options))
  }

  async add(...[entry, options]: Parameters<AuditLog['add']>): Promise<void> {
    await this.#run('audit/add', this.#written(entry, options))
  }

  async list(query: AuditQuery): ReturnType<AuditLog['list']> {
    const { order, limit, sinceMs, cursor } = query
    if (cursor !== undefined && !PLACE.test(cursor)) throw new InvalidCursorError()
    await this.#run('audit/look', this.#bounds)
    const first = sinceMs === undefined ? '0-0' : `${Math.max(0, sinceMs)}-0`
    const entries: AuditEntry[] = []
    let last = cursor
    for (let reads = 0; reads < MOST_READS; reads++) {
      const read = await this.#read(order, first, last)
      for (const [place, fields] of read) {
        last = place
        const entry = toEntry(fields)
        if (!matches(entry, query)) continue
        entries.push(entry)
        if (entries.length === limit) return { entries, nextCursor: last }
      }
      if (read.length < READ_AT_ONCE) return { entries, nextCursor: order === 'asc' ? (last ?? first) : null }
    }
    return { entries, nextCursor: last ?? null }
  }

  #read(order: AuditQuery['order'], first: string, last: string | undefined): Promise<StreamEntry[]> {
    return orUnavailable(() =>
      order === 'asc'
        ? this.#redis.xrange(LOG, last === undefined ? first : `(${last}`, '+', 'COUNT', READ_AT_ONCE)
        : this.#redis.xrevrange(LOG, last === undefined ? '+' : `(${last}`, first, 'COUNT', READ_AT_ONCE),
    )
  }

  #written(entry: NewAuditEntry, { bounded = false } = {}) {
    const tag = bounded && entry.by ? tagOf(entry.by.tenant) : undefined
    return { id: entry.id, entry, tag, ...this.#bounds }
  }
}

function toEntry(fields: readonly string[]): AuditEntry {
  const [, , , at, , text = '{}'] = fields
  const { id, ...entry } = JSON.parse(text) as NewAuditEntry
  return { object: 'audit_entry', id, at: isoTime(Number(at)), ...entry }
}

function matches(entry: AuditEntry, { tenant, action, key }: AuditQuery): boolean {
  if (tenant !== undefined && entry.tenant !== tenant && entry.by?.tenant !== tenant) return false
  if (action !== undefined && entry.action !== action) return false
  return key === undefined || entry.by?.key === key
}
