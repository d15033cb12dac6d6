/**
 * Bounds what runs at once without a line: whoever finds no place is told so, and comes back later. So those who hang hold
 * few places. Used by the deliverer of webhooks, and by the worker for the servers that inputs name.
 */
export interface Bulkhead {
  /** Takes a place for a tenant at a host and returns what gives it back; undefined when there is none for it. */
  enter(tenant: string, host: string): (() => void) | undefined
  /** The same for one that needs several hosts: one place of all, and one at each of them. */
  enterAll(tenant: string, hosts: readonly string[]): (() => void) | undefined
}

/**
 * `perHost` counts what one tenant has at one host. Of all places a tenant gets no more than are left for the others: the
 * first takes half of them at most, and there is one for a tenant that has none.
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
  const enterAll: Bulkhead['enterAll'] = (tenant, hosts) => {
    const atHosts = [...new Set(hosts)].map((host) => `${tenant} ${host}`)
    const isFull = atHosts.some((name) => count(name) >= limits.perHost)
    if (isFull || count(tenant) >= limits.inAll - inAll) return undefined
    const take = (by: number) => {
      inAll += by
      for (const name of [tenant, ...atHosts]) add(name, by)
    }
    take(1)
    return () => take(-1)
  }
  return { enter: (tenant, host) => enterAll(tenant, [host]), enterAll }
}
