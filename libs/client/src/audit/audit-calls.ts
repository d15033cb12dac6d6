/** The calls about the audit, for administrators. Part of the client as `client.audit`. */
import type { AuditAction, AuditEntry } from '@millrace/contracts'
import type { CallOptions } from '../call-options.ts'
import { pause } from '../http/pause.ts'
import { pagesOf } from '../http/pages-of.ts'
import type { Sender } from '../http/sender.ts'

export interface AuditFilter extends CallOptions {
  /** Only what this tenant did, or what was done with its things. */
  tenant?: string
  action?: AuditAction
  /** Only what was done with the key of this id. */
  key?: string
  /** Only what was written then or later. */
  since?: Date | string
}

export interface AuditCalls {
  /** Entries, newest first. Pages are read while the loop goes on. `limit`: most entries to return; default all. */
  list(options?: AuditFilter & { limit?: number }): AsyncIterable<AuditEntry>
  /** Entries, oldest first, and then each that comes, until `signal` is aborted. Begins with the oldest unless `since` says otherwise. */
  follow(options?: AuditFilter & { everyMs?: number }): AsyncIterable<AuditEntry>
}

const PATH = '/v1/audit'
const PAGE = '100'
const WITHIN_MS = 30_000
const EVERY_MS = 2000

export function auditCalls(sender: Sender): AuditCalls {
  return {
    list: ({ limit, signal, retries, ...filter } = {}) =>
      pagesOf<AuditEntry>(sender, { path: PATH, query: queryOf(filter), limit }, { signal, retries }),

    async *follow({ everyMs = EVERY_MS, signal, retries, ...filter } = {}) {
      const query = { ...queryOf(filter), order: 'asc', limit: PAGE }
      for (let cursor = ''; ; ) {
        const asked = new URLSearchParams({ ...query, ...(cursor && { cursor }) }).toString()
        const { data, next_cursor }: { data: AuditEntry[]; next_cursor: string } = await sender.json({
          ...{ path: `${PATH}?${asked}`, signal, retries, withinMs: WITHIN_MS },
        })
        yield* data
        cursor = next_cursor
        if (data.length === 0) await pause(everyMs, signal)
      }
    },
  }
}

function queryOf({ since, tenant, action, key }: Omit<AuditFilter, keyof CallOptions>): Record<string, string> {
  const time = since instanceof Date ? since.toISOString() : since
  const named = { tenant, action, key, since: time }
  return Object.fromEntries(Object.entries(named).filter((pair): pair is [string, string] => Boolean(pair[1])))
}
