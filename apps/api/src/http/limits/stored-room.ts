/**
 * Whether a tenant may store more bytes. What it has is counted exactly, by the scripts that keep and purge; it is asked for at most
 * once a second, and what this process lets in meanwhile is added. So a tenant may pass its limit by what other processes let in
 * within that second, and by the outputs of jobs that were accepted: an output is never lost for it. Made by createApp.
 */
import { ProblemError } from '@millrace/contracts'
import type { UsageStore } from '@millrace/queue'
import { BoundedMap } from './bounded-map.ts'
import type { FindLimits } from './find-limits.ts'

/** Milliseconds. */
const FRESH_MS = 1000
const MOST_TENANTS = 10_000
/** Seconds after which something may have been deleted. */
const RETRY_AFTER = 60

interface Seen {
  atMs: number
  bytes: Promise<number>
  /** Let in since. */
  added: number
}

export class StoredRoom {
  readonly #usage: Pick<UsageStore, 'storedBytes'>
  readonly #limits: FindLimits
  readonly #seen = new BoundedMap<string, Seen>(MOST_TENANTS)

  constructor(usage: Pick<UsageStore, 'storedBytes'>, limits: FindLimits) {
    this.#usage = usage
    this.#limits = limits
  }

  /** `bytes`: that are to come, where that is known; 0 asks only whether there is any room. Undefined: they may come. */
  async refusal(tenant: string, bytes: number): Promise<ProblemError | undefined> {
    const { stored_bytes: limit } = await this.#limits(tenant)
    if (limit === null) return undefined
    const seen = this.#look(tenant)
    const used = (await seen.bytes) + seen.added
    if (bytes === 0 ? used < limit : used + bytes <= limit) {
      seen.added += bytes
      return undefined
    }
    const more = bytes === 0 ? '' : ` ${bytes} more are to come,`
    const detail = `${used} bytes are stored,${more} ${limit} are allowed.`
    const rateLimit = { name: 'stored_bytes', quota: limit, remaining: Math.max(0, limit - used) }
    return new ProblemError('stored_bytes_limit', { detail, retryAfter: RETRY_AFTER, rateLimit })
  }

  /** Rejects with ProblemError `stored_bytes_limit` when they may not come. */
  async admit(tenant: string, bytes: number): Promise<void> {
    const refused = await this.refusal(tenant, bytes)
    if (refused) throw refused
  }

  #look(tenant: string): Seen {
    const known = this.#seen.get(tenant)
    if (known && performance.now() - known.atMs < FRESH_MS) return known
    const seen: Seen = { atMs: performance.now(), bytes: this.#usage.storedBytes(tenant), added: 0 }
    // What failed is asked for anew.
    seen.bytes.catch(() => this.#seen.delete(tenant))
    this.#seen.delete(tenant)
    this.#seen.set(tenant, seen)
    return seen
  }
}
