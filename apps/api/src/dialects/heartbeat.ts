/**
 * A process that has creates in hand says so ten times a second: it would have told of any whose connection had died. Who has an equal
 * create in another process listens whether that one still lives. Used by Repeats.
 */
import type { RepeatStore } from '@millrace/queue'

/** Milliseconds. */
const BEAT_MS = 100
/** A process that was not heard for so long is lost. */
const LOST_MS = 700
/** So many beats after it was asked, a process had time to tell: the first may have been on its way. */
const ENOUGH = 2

type Store = Pick<RepeatStore, 'beat' | 'pulseOf'>

export class Heartbeat {
  readonly #store: Store
  readonly #process: string
  #held = 0
  #beats = 0
  #timer: NodeJS.Timeout | undefined

  constructor(store: Store, process: string) {
    this.#store = store
    this.#process = process
  }

  hold(): void {
    this.#held++
    if (this.#timer) return
    this.#beat()
    this.#timer = setInterval(() => this.#beat(), BEAT_MS).unref()
  }

  letGo(): void {
    this.#held--
  }

  #beat(): void {
    if (this.#held === 0) {
      clearInterval(this.#timer)
      this.#timer = undefined
      return
    }
    // One that is lost is followed by the next.
    void this.#store.beat(this.#process, ++this.#beats).catch(() => undefined)
  }

  listen(owner: string): Pulses {
    return new Pulses(this.#store, owner)
  }
}

/** What is heard of one owner. */
export class Pulses {
  readonly owner: string
  readonly #store: Store
  #last: string | undefined
  #heard = 0
  #heardAt = performance.now()
  #isFirst = true

  constructor(store: Store, owner: string) {
    this.#store = store
    this.owner = owner
  }

  /** Whether it lives, if that is known by now. */
  async judge(): Promise<boolean | undefined> {
    const pulse = await this.#store.pulseOf(this.owner)
    if (pulse !== this.#last) {
      if (!this.#isFirst) this.#heard++
      this.#last = pulse
      this.#heardAt = performance.now()
    }
    this.#isFirst = false
    if (this.#heard >= ENOUGH) return true
    return performance.now() - this.#heardAt > LOST_MS ? false : undefined
  }
}
