/** How slow the bytes of an object may come before their transfer counts as stalled. Used by drivers over a network. */
export interface TransferPace {
  /** Milliseconds without a byte, and the grace before the least speed is asked for. */
  idleMs: number
  /** Least bytes per second. */
  minBytesPerSecond: number
}

/** Milliseconds after which a request that carries so many bytes has failed, however it dawdles. */
export const deadlineOf = ({ idleMs, minBytesPerSecond }: TransferPace, bytes: number): number =>
  Math.ceil(idleMs + (bytes / minBytesPerSecond) * 1_000)
