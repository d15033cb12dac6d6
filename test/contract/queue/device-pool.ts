/**
 * Devices on paper: they are given real jobs by a real Redis, and run them by a clock that only this pool turns. A job takes as
 * long as its test says, and is settled with that time. Called by the tests of shares.
 */
import type { JobId, JobRecord } from '@millrace/contracts'
import type { Queue } from '@millrace/queue'
import type { Redis } from 'ioredis'
import { TEST_LINE } from '../../support/open-test-queue.ts'

/** What becomes of a job: its end, or its worker's. */
export interface Fate {
  ms: number
  as?: 'succeeds' | 'fails' | 'canceled' | 'lost'
}

interface Running {
  device: number
  endsAt: number
  record: JobRecord
  fate: Fate
}

export class DevicePool {
  /** Milliseconds of the pool's clock. */
  now = 0
  /** Milliseconds of device time, by tenant, of what has ended. */
  readonly used = new Map<string, number>()
  /** By job, in the order of their starts. */
  readonly starts: { id: JobId; tenant: string; at: number }[] = []
  readonly #queue: Queue
  readonly #raw: Redis
  readonly #model: string
  readonly #fateOf: (record: JobRecord) => Fate
  readonly #lines: readonly string[]
  readonly #seqs: number[]
  readonly #free: Set<number>
  readonly #running: Running[] = []

  constructor(
    { queue, raw }: { queue: Queue; raw: Redis },
    options: { model: string; devices: number; fateOf: (record: JobRecord) => Fate; lines?: readonly string[] },
  ) {
    this.#queue = queue
    this.#raw = raw
    this.#model = options.model
    this.#fateOf = options.fateOf
    this.#lines = options.lines ?? [TEST_LINE]
    this.#seqs = Array.from({ length: options.devices }, () => 0)
    this.#free = new Set(this.#seqs.keys())
  }

  get running(): readonly JobRecord[] {
    return this.#running.map(({ record }) => record)
  }

  /** Gives each free device a job, as far as there are any. */
  async fill(): Promise<void> {
    for (const device of [...this.#free].sort((a, b) => a - b)) {
      if (!(await this.#take(device))) return
    }
  }

  /** Turns the clock to the next end, settles it, and fills what is free. Answers whether anything ran. */
  async step(): Promise<boolean> {
    const next = this.#running.reduce<Running | undefined>((a, b) => (a && a.endsAt <= b.endsAt ? a : b), undefined)
    if (!next) return false
    this.now = next.endsAt
    this.#running.splice(this.#running.indexOf(next), 1)
    this.#free.add(next.device)
    const { tenant } = next.record
    this.used.set(tenant, (this.used.get(tenant) ?? 0) + next.fate.ms)
    const ended = this.#end(next)
    if (next.fate.as === 'lost') await ended
    // In this order on one connection: the end is known when the next job is chosen.
    await Promise.all([ended, this.fill()])
    return true
  }

  async #take(device: number): Promise<boolean> {
    this.#free.delete(device)
    const { records } = await this.#queue.attempts.take({
      ...{ model: this.#model, worker: 'w', version: '1.0.0', lines: this.#lines, places: 1, alone: true },
      ...{ process: `${this.#model}-${device}`, seq: this.#seqs[device]! },
    })
    this.#seqs[device]!++
    const [record] = records
    if (!record) {
      this.#free.add(device)
      return false
    }
    const fate = this.#fateOf(record)
    this.starts.push({ id: record.id, tenant: record.tenant, at: this.now })
    this.#running.push({ device, endsAt: this.now + fate.ms, record, fate })
    return true
  }

  #end({ record: { id, fence }, fate }: Running): Promise<unknown> {
    const { attempts } = this.#queue
    const runSeconds = fate.ms / 1000
    switch (fate.as ?? 'succeeds') {
      case 'succeeds':
        return attempts.succeed({ id, fence }, { output: { value: { inline: '1' }, files: [] }, runSeconds })
      case 'fails':
        return attempts.fail(
          { id, fence },
          { blame: 'final', error: { code: 'model_error', message: 'no', retryable: false }, runSeconds },
        )
      case 'canceled':
        return attempts.stop({ id, fence }, undefined, runSeconds)
      case 'lost':
        return this.#lose(id, fate.ms)
    }
  }

  /** As if the worker had gone after the start and its lease had lasted until now: only Redis' clock tells that. */
  async #lose(id: JobId, heldMs: number): Promise<void> {
    const prefix = prefixOf(id)
    const startedAt = Number(await this.#raw.hget(`${prefix}job:${id}`, 'started_at'))
    await this.#raw.hset(`${prefix}job:${id}`, 'started_at', startedAt - heldMs)
    await this.#raw.zadd(`${prefix}lease`, 'XX', 1, id)
    await this.#queue.upkeep.reconcile(this.#model)
  }
}

/** What the keys of a job's shard begin with. */
export const prefixOf = (id: JobId): string => `{mr:${id.slice(4, 12)}}:`
