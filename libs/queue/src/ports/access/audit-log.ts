/** The audit: who did what. Only ever added to, and bounded by age and number. Written by the API and by workers; the driver is in audit/. */
import type { AuditAction, AuditEntry } from '@millrace/contracts'

/** An entry before its time is known, which is that of Redis. */
export type NewAuditEntry = Omit<AuditEntry, 'object' | 'at'>

export interface AuditQuery {
  /** Whose thing it was, or who did it. */
  tenant?: string | undefined
  action?: AuditAction | undefined
  /** Id of the key of who did it. */
  key?: string | undefined
  /** Written then or later. Unix time in milliseconds. */
  sinceMs?: number | undefined
  /** `asc`: oldest first, and there is always a cursor, so that one can ask again for what has come since. */
  order: 'asc' | 'desc'
  limit: number
  cursor?: string | undefined
}

/** Every call rejects with QueueUnavailableError when Redis is away. */
export interface AuditLog {
  /**
   * Notes that something is about to be done. If nobody says how it ended within a minute, it becomes an entry as it is given here.
   * `bounded`: one that a tenant may cause as often as it likes; only the newest of each tenant are kept.
   */
  begin(entry: NewAuditEntry, options?: { bounded?: boolean }): Promise<void>
  /** Writes the entry: how what was begun has ended, or what needed no beginning. */
  add(entry: NewAuditEntry, options?: { bounded?: boolean }): Promise<void>
  /** A page may be short, or empty: the last has no cursor. Throws InvalidCursorError. */
  list(query: AuditQuery): Promise<{ entries: AuditEntry[]; nextCursor: string | null }>
}
