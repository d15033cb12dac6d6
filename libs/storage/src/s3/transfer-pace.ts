import type { S3Settings } from './s3-settings.ts'

/** When a transfer counts as stalled: silence and trickle alike. */
export interface TransferPace {
  /** Milliseconds without a byte, and the grace before the least speed is asked for. */
  idleMs: number
  /** Least bytes per second. */
  minBytesPerSecond: number
}

/** The pace that the settings ask for; 30 s and 64 KiB/s by default. */
export const transferPace = ({ idleTimeoutMs = 30_000, minBytesPerSecond = 65_536 }: S3Settings): TransferPace => ({
  idleMs: idleTimeoutMs,
  minBytesPerSecond,
})

/** Milliseconds after which a request that carries so many bytes has failed, however it dawdles. */
export const deadlineOf = ({ idleMs, minBytesPerSecond }: TransferPace, bytes: number): number =>
  Math.ceil(idleMs + (bytes / minBytesPerSecond) * 1_000)
