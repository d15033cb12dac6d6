/**
 * How slow the bytes of an object may come before their transfer counts as stalled. Used by drivers that work over a
 * network.
 */
export interface TransferPace {
  /** The longest time without a byte, and the grace before a minimum speed is required. Milliseconds. */
  idleMs: number
  /** The minimum speed. Bytes per second. */
  minBytesPerSecond: number
}

/** The time after which a request with so many bytes has failed, even when it still moves slowly. Milliseconds. */
export const deadlineOf = ({ idleMs, minBytesPerSecond }: TransferPace, bytes: number): number =>
  Math.ceil(idleMs + (bytes / minBytesPerSecond) * 1_000)
