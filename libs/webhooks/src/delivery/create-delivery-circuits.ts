/** Stops trying an endpoint that keeps failing for a while, so that its backlog costs nothing. Called by the deliverer. */

export interface CircuitOptions {
  /** After so many failures in a row the circuit of an endpoint opens. */
  failures: number
  /** How long it is open the first time. The time doubles with each probe that fails. */
  openMs: number
  longestOpenMs: number
  /** How long a probe may take. Other deliveries are told to wait for this time. */
  probeMs: number
  /** How many endpoints are remembered. The one that failed first is forgotten first. */
  endpoints: number
  now: () => number
}

/** The way of one try through the circuit. At its end exactly one of its methods is called. */
export interface CircuitPass {
  succeeded(): void
  failed(): void
  /** The try ended without a verdict, for example because of a shutdown. */
  left(): void
}

export interface DeliveryCircuits {
  /**
   * Lets a try through, or says how long to stay away. With `insist` the try is always let through, and its success closes
   * the circuit.
   */
  enter(endpoint: string, insist?: boolean): CircuitPass | { waitMs: number }
}

interface Trouble {
  failures: number
  /** How often the circuit was opened since the last success. */
  opened: number
  /** Undefined while the circuit is closed. */
  openUntil: number | undefined
  probing: boolean
}

/**
 * The circuits are in the memory of one process. Another process finds out by itself after a few tries. Sharing them would
 * cost a read before each try, and a process that cannot reach the internet would stop the tries of all others.
 */
export function createDeliveryCircuits(options: CircuitOptions): DeliveryCircuits {
  const troubles = new Map<string, Trouble>()

  function remember(endpoint: string): Trouble {
    const known = troubles.get(endpoint)
    if (known) return known
    const oldest = troubles.size >= options.endpoints ? troubles.keys().next().value : undefined
    if (oldest !== undefined) troubles.delete(oldest)
    const fresh = { failures: 0, opened: 0, openUntil: undefined, probing: false }
    troubles.set(endpoint, fresh)
    return fresh
  }

  function open(trouble: Trouble): void {
    const openMs = Math.min(options.openMs * 2 ** trouble.opened, options.longestOpenMs)
    trouble.opened++
    trouble.openUntil = options.now() + openMs
  }

  function failed(endpoint: string, isProbe: boolean): void {
    const trouble = remember(endpoint)
    if (isProbe) {
      trouble.probing = false
      open(trouble)
    } else if (trouble.openUntil === undefined) {
      trouble.failures++
      if (trouble.failures >= options.failures) open(trouble)
    }
    // Otherwise the try began before the circuit opened, and tells nothing new.
  }

  const passFor = (endpoint: string, probed?: Trouble): CircuitPass => ({
    succeeded: () => void troubles.delete(endpoint),
    failed: () => failed(endpoint, probed !== undefined && troubles.get(endpoint) === probed),
    left() {
      if (probed) probed.probing = false
    },
  })

  return {
    enter(endpoint, insist = false) {
      const trouble = troubles.get(endpoint)
      if (trouble?.openUntil === undefined || insist) return passFor(endpoint)
      const waitMs = trouble.openUntil - options.now()
      if (waitMs > 0) return { waitMs }
      if (trouble.probing) return { waitMs: options.probeMs }
      trouble.probing = true
      return passFor(endpoint, trouble)
    },
  }
}
