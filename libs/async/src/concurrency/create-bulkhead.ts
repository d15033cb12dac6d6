/**
 * Limits how much runs at once, without a waiting line: a caller that finds no place is refused and comes back later. So
 * slow hosts can hold only a few places. Used by the deliverer of webhooks, and by the worker for the servers that inputs
 * name.
 */
export interface Bulkhead {
  /** Takes a place for a tenant at a host. Returns a function that gives the place back; undefined when none is free. */
  enter(tenant: string, host: string): (() => void) | undefined
  /** The same for work that needs several hosts: it takes one place of all, and one at each host. */
  enterAll(tenant: string, hosts: readonly string[]): (() => void) | undefined
}

/**
 * `perHost` limits the places of one tenant at one host. A tenant may hold no more places in all than are still free for
 * others. So the first tenant gets at most half of them, and a place is left for a tenant that has none.
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
