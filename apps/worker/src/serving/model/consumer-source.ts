/** The jobs of a model as the transport's consumer delivers them, one id at a time. Made by create-worker.ts. */
import { createLifecycle, type Lifecycle, settledWithin } from '@millrace/async'
import type { Consumer, Delivery, Handled } from '@millrace/queue'
import type { JobSource, JobTaker } from './job-source.ts'

export type CreateConsumer = (
  model: string,
  handle: (delivery: Delivery) => Promise<Handled>,
  options: { concurrency: number },
) => Consumer

/** With nothing in hand it has only its connections to close, and with Redis away it would wait for that. Milliseconds. */
const CLOSE_MS = 1000

export class ConsumerSource implements JobSource {
  readonly #taker: JobTaker
  readonly #consumer: Consumer
  readonly #life: Lifecycle
  readonly started: Promise<void>
  readonly stopped: Promise<void>
  /** Started and not stopped. */
  #isOpen = false
  /** The consumer was started, the first time there was room. */
  #isConsuming = false
  #isGiving = false
  #inHand = 0

  /** The consumer is made at once; it takes nothing before the start. */
  constructor(createConsumer: CreateConsumer, model: string, taker: JobTaker) {
    this.#taker = taker
    this.#consumer = createConsumer(model, (job) => this.#give(job), { concurrency: Math.max(1, taker.room()) })
    this.#life = createLifecycle({ begin: () => this.#begin(), end: (graceMs) => this.#end(graceMs) })
    this.started = this.#life.started
    this.stopped = this.#life.stopped
  }

  start(): Promise<void> {
    return this.#life.start()
  }

  stop(graceMs: number): Promise<void> {
    return this.#life.stop(graceMs)
  }

  async adjust(): Promise<void> {
    if (!this.#isOpen) return
    const room = this.#taker.room()
    if (room > 0) this.#consumer.setConcurrency(room)
    const isGiving = room > 0
    if (isGiving === this.#isGiving) return
    this.#isGiving = isGiving
    if (isGiving) this.#goOn()
    else await this.#consumer.pause()
  }

  #goOn(): void {
    if (this.#isConsuming) return this.#consumer.resume()
    this.#isConsuming = true
    this.#consumer.start()
  }

  async #give(job: Delivery): Promise<Handled> {
    this.#inHand++
    try {
      return await this.#taker.run(job)
    } finally {
      this.#inHand--
    }
  }

  #begin(): Promise<void> {
    this.#isOpen = true
    return this.adjust()
  }

  async #end(graceMs: number): Promise<void> {
    this.#isOpen = false
    await settledWithin(this.#consumer.close(), this.#inHand === 0 ? Math.min(graceMs, CLOSE_MS) : graceMs)
  }
}
