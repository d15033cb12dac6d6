/** A hand-out that gives what a test offers, when there is room. Called by create-worker.fixture.ts and model-service.test.ts. */
import type { JobRecord } from '@millrace/contracts'
import type { AttemptStore, HandOut, Taker } from '@millrace/queue'

export class ScriptedHandOut implements HandOut {
  readonly attempts: AttemptStore
  readonly #taker: Taker
  readonly #hear: (call: 'start' | 'poke' | 'pause' | 'close') => void
  readonly #offered: JobRecord[] = []
  #isTaking = false

  constructor(taker: Taker, store: AttemptStore, hear: (call: 'start' | 'poke' | 'pause' | 'close') => void) {
    this.#taker = taker
    this.attempts = store
    this.#hear = hear
  }

  /** Gives it at once or when there is room. */
  offer(record: JobRecord): void {
    this.#offered.push(record)
    this.#give()
  }

  start(): void {
    this.#hear('start')
    this.#isTaking = true
    this.#give()
  }

  poke(): void {
    this.#hear('poke')
    this.#give()
  }

  async pause(): Promise<void> {
    this.#hear('pause')
    this.#isTaking = false
  }

  async close(): Promise<void> {
    this.#hear('close')
    this.#isTaking = false
  }

  #give(): void {
    if (!this.#isTaking || this.#offered.length === 0) return
    const room = this.#taker.room()
    room?.fill(this.#offered.splice(0, room.places))
  }
}
