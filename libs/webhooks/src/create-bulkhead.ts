// Bounds what runs at once, so that who hangs holds few places. Called by the deliverer.

export interface Bulkhead {
  /** Takes a place for a tenant at a host and returns what gives it back; undefined when there is none for it. */
  enter(tenant: string, host: string): (() => void) | undefined
}

/**
 * `perHost` counts what one tenant sends to a host. Of all places a tenant gets no more than are left for the others, so
 * the first takes half of them at most, and there is one for who has none.
 */
export function createBulkhead(limits: { perHost: number; inAll: number }): Bulkhead {
  const held = new Map<string, number>()
  let inAll = 0
  const count = (name: string) => held.get(name) ?? 0
  const add = (name: string, by: number) => {
    const now = count(name) + by
    if (now > 0) held.set(name, now)
    else held.delete(name)
  }
  return {
    enter(tenant, host) {
      const atHost = `${tenant} ${host}`
      if (count(atHost) >= limits.perHost || count(tenant) >= limits.inAll - inAll) return undefined
      const take = (by: number) => {
        inAll += by
        for (const name of [tenant, atHost]) add(name, by)
      }
      take(1)
      return () => take(-1)
    },
  }
}
