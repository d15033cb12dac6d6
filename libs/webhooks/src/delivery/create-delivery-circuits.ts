/**
 * Leaves an endpoint that keeps failing alone for a while, so that its backlog costs nothing. Called by the deliverer.
 */

export interface CircuitOptions {
  /** Straight failures that open the circuit of an endpoint. */
  failures: number
  /** How long it is open the first time; doubles with each probe that fails. */
  openMs: number
  longestOpenMs: number
  /** How long a probe may take: what others are told to wait meanwhile. */
  probeMs: number
  /** Endpoints that are remembered; the one that failed first is forgotten first. */
  endpoints: number
  now: () => number
}

/** One try's way through the circuit. Exactly one of its methods is called at its end. */
export interface CircuitPass {
  succeeded(): void
  failed(): void
  /** It ended without a verdict, such as by a shutdown. */
  left(): void
}

export interface DeliveryCircuits {
  /** Lets a try through, or says for how long to stay away. Who insists is let through; its success closes the circuit. */
  enter(endpoint: string, insist?: boolean): CircuitPass | { waitMs: number }
}

interface Trouble {
  failures: number
  /** How often it was opened without a success between. */
  opened: number
  /** Undefined while the circuit is closed. */
  openUntil: number | undefined
  probing: boolean
}

/**
 * The circuits are kept in memory, per process. Another process finds out by itself after a few tries. Sharing them
 * would cost a read before each try, and one process without a way out would stop the tries of all.
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
    // A try that began before the circuit opened tells nothing new.
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
