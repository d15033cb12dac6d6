/**
 * The consuming end of the transport for one model. BullMQ locks, renews and delivers again after a loss. It does not decide
 * whether the job may run: the handler asks the record. Made by openQueue for each model that a worker serves.
 */
import type { Log } from '@millrace/contracts'
import { randomUUID } from 'node:crypto'
import { DelayedError, type Job, WaitingError, Worker } from 'bullmq'
import type { Redis } from 'ioredis'
import { prefixOfModel } from '../redis/keys.ts'
import type { Consumer, Delivery, Handled } from '../ports/consumer.ts'
import { replyCode } from '../redis/redis-connection.ts'

/** Where BullMQ keeps what it keeps of a model. */
export const bullPrefix = (model: string): string => `${prefixOfModel(model)}bull`

export interface ConsumerOptions {
  /** The blocking connection of its own that BullMQ duplicates; must be a patient one. */
  redis: Redis
  concurrency: number
  /** How long a lock outlives its last renewal; a lost worker's jobs come back after about this. Milliseconds. */
  lockMs: number
  logger: Log
}

/** Redis answers at once when it is full or read-only, and an idle worker would spin on it: it rests instead. */
const REST_ON = new Set(['OOM', 'NOREPLICAS', 'MISCONF', 'READONLY', 'LOADING'])
const REST_MS = 1000

export class BullConsumer implements Consumer {
  readonly #worker: Worker
  readonly #logger: Log
  #resting = false
  #paused = true
  #quietUntil = 0

  constructor(model: string, handle: (delivery: Delivery) => Promise<Handled>, options: ConsumerOptions) {
    this.#logger = options.logger
    this.#worker = new Worker(
      model,
      async (job: Job, token?: string) => {
        await putBack(job, token, await handle({ id: job.id ?? '', delivery: randomUUID() }))
      },
      {
        connection: options.redis,
        prefix: bullPrefix(model),
        autorun: false,
        concurrency: options.concurrency,
        lockDuration: options.lockMs,
        // Redis takes whole milliseconds only.
        lockRenewTime: Math.round(options.lockMs / 3),
        stalledInterval: Math.round(options.lockMs / 3),
        // The record counts starts. BullMQ's own limit would fail jobs that never ran.
        maxStalledCount: 1_000_000,
        drainDelay: 5,
        skipVersionCheck: true,
        metrics: undefined,
      },
    )
    this.#worker.on('error', (error) => this.#onError(error))
    // What a handler threw is ours to see; the reconciler brings the job back.
    this.#worker.on('failed', (_job, error) => this.#log('handler failed', error))
  }

  start(): void {
    this.#paused = false
    this.#worker.run().catch((error: Error) => this.#onError(error))
  }

  setConcurrency(concurrency: number): void {
    const isMore = concurrency > this.#worker.concurrency
    if (this.#worker.concurrency !== concurrency) this.#worker.concurrency = concurrency
    if (isMore) this.#wake()
  }

  /**
   * BullMQ looks at its concurrency only when a job in hand ends, which may be long from now: something that ends at once
   * makes it look. Its line of jobs in hand is not for others; a test of the queue notices when it is gone.
   */
  #wake(): void {
    const { mainLoopQueue } = this.#worker as unknown as { mainLoopQueue?: { add(ended: Promise<undefined>): void } }
    mainLoopQueue?.add(Promise.resolve(undefined))
  }

  async pause(): Promise<void> {
    this.#paused = true
    await this.#worker.pause(true)
  }

  resume(): void {
    this.#paused = false
    if (!this.#resting) void this.#worker.resume()
  }

  close(): Promise<void> {
    return this.#worker.close()
  }

  #onError(error: Error): void {
    this.#log('transport error', error)
    if (!REST_ON.has(replyCode(error) ?? '') || this.#resting || this.#paused) return
    this.#resting = true
    void this.#worker.pause(true)
    setTimeout(() => {
      this.#resting = false
      if (!this.#paused) void this.#worker.resume()
    }, REST_MS).unref()
  }

  /** At most once a second; never the command, which carries arguments. */
  #log(message: string, error: Error): void {
    if (Date.now() < this.#quietUntil) return
    this.#quietUntil = Date.now() + 1000
    this.#logger.warn({ code: replyCode(error) ?? error.name, reason: error.message.slice(0, 200) }, message)
  }
}

/** Gives a delivery back to the transport when the record wants it later; else lets it end. */
async function putBack(job: Job, token: string | undefined, handled: Handled): Promise<void> {
  if (handled.outcome === 'done') return
  if (handled.afterMs <= 0) {
    await job.moveToWait(token)
    throw new WaitingError()
  }
  await job.moveToDelayed(Date.now() + handled.afterMs, token)
  throw new DelayedError()
}
