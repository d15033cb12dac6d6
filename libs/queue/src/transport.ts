import { type JobId, type JobRecord, PRIORITIES } from '@millrace/contracts'
import { type JobsOptions, Queue } from 'bullmq'
import type { Redis } from 'ioredis'
import { tagOf } from './keys.ts'
import { type ConnectionLogger, orUnavailable } from './redis-connection.ts'

/** BullMQ's settings, shared by both ends of the transport. */
export const bullPrefix = (model: string): string => `{mr:${tagOf(model)}}:bull`

export interface Ticket {
  id: JobId
  model: string
  priority: JobRecord['priority']
  delayMs: number
}

/**
 * The producing end of the transport: BullMQ jobs that hold nothing but a job id. Nothing here is the truth: a lost
 * ticket is added again by the reconciler, a ticket too many finds its job settled. The submit script writes the tickets
 * of jobs that may start at once itself (scripts/ticket_prelude.lua), just as `addAll` would.
 */
export class Transport {
  readonly #redis: Redis
  readonly #logger: ConnectionLogger
  readonly #queues = new Map<string, Queue>()
  readonly #waiting = new Map<string, Ticket[]>()

  constructor(redis: Redis, logger: ConnectionLogger) {
    this.#redis = redis
    this.#logger = logger
  }

  /** Tells the transport of a queued job, soon, together with others of the same turn. Never throws. */
  add(record: JobRecord): void {
    const { id, model, priority } = record
    const delayMs = record.run_at ? Math.max(0, Date.parse(record.run_at) - Date.now()) : 0
    const line = this.#waiting.get(model)
    if (line) {
      line.push({ id, model, priority, delayMs })
      return
    }
    this.#waiting.set(model, [{ id, model, priority, delayMs }])
    setImmediate(() => {
      const tickets = this.#waiting.get(model) ?? []
      this.#waiting.delete(model)
      this.addAll(tickets).catch(() => {
        this.#logger.warn({ model, count: tickets.length }, 'transport not told; the reconciler will')
      })
    })
  }

  /** Adds tickets of one model. A ticket whose id is in the transport already is ignored by it. */
  async addAll(tickets: Ticket[]): Promise<void> {
    const model = tickets[0]?.model
    if (model === undefined) return
    const jobs = tickets.map((ticket) => ({ name: 'job', data: { id: ticket.id }, opts: optionsOf(ticket) }))
    await orUnavailable(() => this.#queue(model).addBulk(jobs))
  }

  /** Takes a canceled job's ticket out, if it still waits. Never throws: a ticket left behind does no harm. */
  remove(record: JobRecord): void {
    this.#queue(record.model)
      .remove(record.id)
      .catch(() => undefined)
  }

  /** Which of these jobs the transport knows, in any of its states. */
  async has(model: string, ids: JobId[]): Promise<boolean[]> {
    const pipeline = this.#redis.pipeline()
    for (const id of ids) pipeline.exists(`${bullPrefix(model)}:${model}:${id}`)
    const replies = (await orUnavailable(() => pipeline.exec())) ?? []
    return replies.map(([error, reply]) => error !== null || reply === 1)
  }

  async close(): Promise<void> {
    await Promise.all([...this.#queues.values()].map((queue) => queue.close()))
  }

  #queue(model: string): Queue {
    let queue = this.#queues.get(model)
    if (!queue) {
      queue = new Queue(model, {
        connection: this.#redis,
        prefix: bullPrefix(model),
        skipVersionCheck: true,
        streams: { events: { maxLen: 1000 } },
      })
      queue.on('error', () => undefined)
      this.#queues.set(model, queue)
    }
    return queue
  }
}

/** Every ticket has a priority: BullMQ serves those without one first. It leaves nothing behind when it ends. */
const optionsOf = (ticket: Ticket): JobsOptions => ({
  jobId: ticket.id,
  delay: ticket.delayMs,
  priority: PRIORITIES[ticket.priority],
  attempts: 1,
  removeOnComplete: true,
  removeOnFail: true,
})
