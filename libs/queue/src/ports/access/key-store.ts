/** The keys of the API, for whoever checks them and whoever makes them. The driver for Redis is in access/. */
import type { ApiKeyId, Scope } from '@millrace/contracts'

/** What is fixed when a key is made. The driver never sees a secret, only its digest. */
export interface NewKey {
  id: ApiKeyId
  /** SHA-256 of the whole text of the key, in hexadecimal digits. */
  digest: string
  tenant: string
  name: string
  scopes: readonly Scope[]
  /** Null: all. */
  models: readonly string[] | null
  /** The key that made it; null: the one of the settings. */
  createdBy: ApiKeyId | null
  /** Unix time in milliseconds; null: it never ends. */
  expiresMs: number | null
}

/** Times are those of Redis. Unix time in milliseconds. */
export interface KeptKey extends NewKey {
  createdMs: number
  revokedMs: number | null
  /** To the minute. */
  lastUsedMs: number | null
  replacedBy: ApiKeyId | null
}

export interface KeyQuery {
  /** Default: of all tenants. */
  tenant?: string | undefined
  limit: number
  cursor?: string | undefined
}

/** What happened to keys since a place in the log of changes. */
export interface KeyChanges {
  /** The place now. */
  at: string
  /** Undefined: more than are listed, so any key may have changed. */
  ids: ApiKeyId[] | undefined
  nowMs: number
}

/** Every call rejects with QueueUnavailableError when Redis is away. */
export interface KeyStore {
  /**
   * `full`: there are so many that no more are taken. `past`: it would have ended before it began. `barred`: the tenant is being erased,
   * or was a short while ago.
   */
  create(key: NewKey): Promise<KeptKey | 'full' | 'past' | 'barred'>
  get(id: ApiKeyId): Promise<KeptKey | undefined>
  /** Newest first. Throws InvalidCursorError. */
  list(query: KeyQuery): Promise<{ keys: KeptKey[]; nextCursor: string | null }>
  /** It ends at once. One that was revoked before stays as it is. Undefined: there is none. */
  revoke(id: ApiKeyId): Promise<KeptKey | undefined>
  /**
   * Makes a key that may do the same, and lets the old one end after the overlap, if it does not end before. `ended`: it is
   * not valid any more.
   */
  rotate(
    id: ApiKeyId,
    next: Pick<NewKey, 'id' | 'digest' | 'createdBy'> & { overlapMs: number },
  ): Promise<KeptKey | 'missing' | 'ended' | 'full'>
  /** Changes after that place. Undefined: only the place now. */
  changes(after: string | undefined): Promise<KeyChanges>
  /** Notes that they were used in this minute. */
  touch(ids: readonly ApiKeyId[]): Promise<void>
}
