/**
 * Who may fetch the files that inputs name by address: so many jobs of a worker, a tenant and a host at a time, so that
 * servers which dawdle hold up nobody but each other. A job that finds no place goes back to the line and the jobs behind
 * it pass by. One per worker; asked when the addresses of a job are known.
 */
import { createBulkhead } from '@millrace/async'

export interface LinkPlaces {
  /** Takes a place at all of these hosts and returns the way to give it back; undefined when there is none for it. */
  enter(job: WaitingJob): (() => void) | undefined
  /** Notes that the job found no place, and tells in how many milliseconds it should come back. */
  turnAway(): number
}

interface WaitingJob {
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

export function createLinkPlaces(options: LinkPlacesOptions = {}): LinkPlaces {
  const { inAll = 64, perHost = 16, now = () => performance.now() } = options
  const bulkhead = createBulkhead({ inAll, perHost })
  let lastDue = 0

  return {
    enter: ({ tenant, hosts }) => bulkhead.enterAll(tenant, hosts),
    turnAway() {
      lastDue = Math.max(lastDue + GAP_MS, now() + SOONEST_MS)
      return lastDue - now()
    },
  }
}
