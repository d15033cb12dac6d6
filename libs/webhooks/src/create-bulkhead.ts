// Bounds what runs at once, per host and in all, so that a host that hangs holds few places. Called by the deliverer.

export interface Bulkhead {
  /** Takes a place for a host and returns what gives it back; undefined when none is free. */
  enter(host: string): (() => void) | undefined
}

export function createBulkhead(limits: { perHost: number; inAll: number }): Bulkhead {
  const perHost = new Map<string, number>()
  let inAll = 0
  return {
    enter(host) {
      const held = perHost.get(host) ?? 0
      if (held >= limits.perHost || inAll >= limits.inAll) return undefined
      perHost.set(host, held + 1)
      inAll++
      return () => {
        inAll--
        const left = (perHost.get(host) ?? 1) - 1
        if (left > 0) perHost.set(host, left)
        else perHost.delete(host)
      }
    },
  }
}
