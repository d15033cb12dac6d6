/**
 * What every class has in common that starts and stops as a lifecycle does which it holds, be that a loop or steps of its own.
 * Extended by the loops, watches and services of all rooms.
 */
import type { Lifecycle } from './lifecycle.ts'

export abstract class WithLifecycle implements Lifecycle {
  /** Set by the class itself. */
  protected abstract readonly life: Lifecycle

  get started(): Promise<void> {
    return this.life.started
  }

  get stopped(): Promise<void> {
    return this.life.stopped
  }

  start(): Promise<void> {
    return this.life.start()
  }

  stop(graceMs: number): Promise<void> {
    return this.life.stop(graceMs)
  }
}
