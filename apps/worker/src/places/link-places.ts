/**
 * Who may fetch the files that inputs name by address: so many jobs of a worker, a tenant and a host at a time, so that
 * servers which dawdle hold up nobody but each other. A job that finds no place goes back to the line and the jobs behind
 * it pass by. One per worker; asked before a job is claimed and when its addresses are known.
 */
import { createBulkhead } from '@millrace/async'

export interface LinkPlaces {
  /** Takes a place at all of these hosts and returns the way to give it back; undefined when there is none for it. */
  enter(job: WaitingJob): (() => void) | undefined
  /** Whether the job would find a place now, as far as is known of it: what was never turned away may try. */
  mayTry(id: string): boolean
  /** Notes that the job found no place, and tells in how many milliseconds it should come back. */
  turnAway(job?: WaitingJob): number
}

interface WaitingJob {
  id: string
  tenant: string
  hosts: readonly string[]
}

export interface LinkPlacesOptions {
  /** Jobs that fetch at once. Default 64. */
  inAll?: number
  /** Of one tenant from one host. Default 16. */
  perHost?: number
  /** Milliseconds since any moment. */
  now?: () => number
}

/** Soonest that a job comes back, and the gap to the next: a long line costs no more looks than a short one. */
const SOONEST_MS = 1000
const GAP_MS = 20
/** Jobs that are remembered; one that is forgotten costs a claim more. */
const REMEMBERED = 10_000

export function createLinkPlaces(options: LinkPlacesOptions = {}): LinkPlaces {
  const { inAll = 64, perHost = 16, now = () => performance.now() } = options
  const bulkhead = createBulkhead({ inAll, perHost })
  const away = new Map<string, WaitingJob>()
  let lastDue = 0

  const enter = ({ id, tenant, hosts }: WaitingJob) => {
    const leave = bulkhead.enterAll(tenant, hosts)
    if (leave) away.delete(id)
    return leave
  }

  return {
    enter,
    mayTry(id) {
      const job = away.get(id)
      if (!job) return true
      const leave = bulkhead.enterAll(job.tenant, job.hosts)
      leave?.()
      return leave !== undefined
    },
    turnAway(job) {
      if (job) {
        const oldest = away.size >= REMEMBERED ? away.keys().next().value : undefined
        if (oldest !== undefined) away.delete(oldest)
        away.set(job.id, job)
      }
      lastDue = Math.max(lastDue + GAP_MS, now() + SOONEST_MS)
      return lastDue - now()
    },
  }
}
