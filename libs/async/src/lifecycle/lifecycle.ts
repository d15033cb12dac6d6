/**
 * The one contract of everything that works on its own between a start and a stop: loops, watches, services. Whoever puts
 * a process together starts and stops all its parts by it. `describeLifecycle` in lifecycle.suite.ts proves it for each.
 */
export interface Lifecycle {
  /**
   * Begins. Resolves when it is at work, or when it was stopped instead; rejects when it cannot begin. Safe twice: the
   * second call gets the answer of the first. After a stop it begins nothing.
   */
  start(): Promise<void>
  /**
   * Begins nothing new, waits at most `graceMs` for what is under way, and lets go. Safe before start, during it and
   * twice: the second call gets the answer of the first.
   */
  stop(graceMs: number): Promise<void>
  /** Resolves when `start` came to its end, or when it was stopped instead. Never rejects. */
  readonly started: Promise<void>
  /** Resolves when `stop` came to its end. Never rejects. */
  readonly stopped: Promise<void>
}
