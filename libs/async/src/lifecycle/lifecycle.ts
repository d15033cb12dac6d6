/**
 * The one contract of every part that works on its own between a start and a stop: loops, watches, services. Whoever puts a
 * process together starts and stops all its parts by it. `describeLifecycle` in lifecycle.suite.ts proves it for each part.
 */
export interface Lifecycle {
  /**
   * Begins the work. Resolves when it is at work, or when it was stopped instead. Rejects when it cannot begin. It may be
   * called twice: the second call gets the answer of the first. After a stop it begins nothing.
   */
  start(): Promise<void>
  /**
   * Begins nothing new, waits at most `graceMs` for work that is running, and lets go. It may be called before start, during
   * start and twice: the second call gets the answer of the first.
   */
  stop(graceMs: number): Promise<void>
  /** Resolves when `start` has ended, or when it was stopped instead. Never rejects. */
  readonly started: Promise<void>
  /** Resolves when `stop` has ended. Never rejects. */
  readonly stopped: Promise<void>
}
