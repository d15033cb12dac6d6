/**
 * How many jobs a tenant may have open in one model, by what it has in the others. A model's own are counted exactly by the script
 * that keeps a job; those of other models are as old as the last look, which is a second where the limit is near. So a tenant can
 * have more open than it may, by what it submits to other models within that second. Used by submitJob.
 */
import type { TenantStore } from '@millrace/queue'
import { BoundedMap } from './bounded-map.ts'
import { inStoreTime } from '../store-time.ts'

/** Where half of the limit or more is used, it is looked so often; else so seldom. Milliseconds. */
const NEAR_MS = 1000
const FAR_MS = 10_000
/** Tenants that are remembered. */
const MOST_TENANTS = 20_000

interface Seen {
  /** By model. */
  open: Map<string, number>
  readAt: number
}

export class OpenJobs {
  readonly #tenants: Pick<TenantStore, 'jobsOf'>
  readonly #seen = new BoundedMap<string, Seen>(MOST_TENANTS)
  readonly #reading = new Map<string, Promise<Seen>>()

  constructor(tenants: Pick<TenantStore, 'jobsOf'>) {
    this.#tenants = tenants
  }

  /** At most as many may be open in that model, with the one that is to come. Asks Redis only before it says that none may. */
  async mostIn(model: string, tenant: string, limit: number): Promise<number> {
    const seen = this.#seen.get(tenant)
    const others = othersOf(seen, model)
    const age = performance.now() - (seen?.readAt ?? -Infinity)
    const isNear = others + (seen?.open.get(model) ?? 0) >= limit / 2
    if (age > (isNear ? NEAR_MS : FAR_MS)) {
      const reading = this.#read(tenant)
      if (others >= limit) return Math.max(0, limit - othersOf(await reading, model))
      reading.catch(() => undefined)
    }
    return Math.max(0, limit - others)
  }

  /** One more is open, as is known here before the next look. */
  noteKept(model: string, tenant: string): void {
    const open = this.#seen.get(tenant)?.open
    open?.set(model, (open.get(model) ?? 0) + 1)
  }

  /** In other models than that one, as far as is known. */
  others(model: string, tenant: string): number {
    return othersOf(this.#seen.get(tenant), model)
  }

  #read(tenant: string): Promise<Seen> {
    const asked = this.#reading.get(tenant)
    if (asked) return asked
    const readAt = performance.now()
    const reading = inStoreTime(this.#tenants.jobsOf(tenant))
      .then((counts) => {
        const seen = { open: new Map(counts.map(({ model, queued, running }) => [model, queued + running])), readAt }
        this.#seen.set(tenant, seen)
        return seen
      })
      .finally(() => this.#reading.delete(tenant))
    this.#reading.set(tenant, reading)
    return reading
  }
}

function othersOf(seen: Seen | undefined, model: string): number {
  let sum = 0
  for (const [name, count] of seen?.open ?? []) if (name !== model) sum += count
  return sum
}
