/**
 * A line on paper: real jobs in a real Redis, given out by the real scripts, and run by a clock that only this line turns. Whenever a
 * job comes, what the platform says of its wait is asked and noted; when it starts, so is the truth. Called by calibration.test.ts.
 */
import { type JobId, type JobRecord, type Manifest, manifestSchema } from '@millrace/contracts'
import type { NewJob, Queue } from '@millrace/queue'
import type { Redis } from 'ioredis'
import { newJob, TEST_LINE } from '../../../support/open-test-queue.ts'
import { prefixOf } from '../device-pool.ts'

/** Seconds of the line's clock. */
interface Said {
  id: JobId
  at: number
  p50: number
  p90: number
}

export interface Arrival {
  at: number
  job: Partial<NewJob>
  seconds: number
}

export interface LinePlan {
  model: string
  arrivals: readonly Arrival[]
  /** How many devices there are, by the clock; one that goes ends its job first. */
  devices: (at: number) => number
  /** From 0 to 1. */
  random: () => number
}

interface Running {
  device: number
  since: number
  endsAt: number
  record: JobRecord
}

const NEVER = 9e15

/** Milliseconds of Unix time that stand for a time of the line's clock: whole seconds, as exact as Redis keeps microseconds. */
const onPaper = (seconds: number): number => Math.round(1.7e12 + seconds * 1000)

export class SimulatedLine {
  /** The clock of all lines, for the queue that is asked. */
  static now = 0
  static readonly timeOf = (): number => onPaper(SimulatedLine.now)
  readonly said: Said[] = []
  readonly startedAt = new Map<JobId, number>()
  readonly #queue: Queue
  readonly #raw: Redis
  readonly #plan: LinePlan
  readonly #manifest: Manifest
  readonly #lengths = new Map<JobId, number>()
  readonly #waiting = new Map<JobId, JobRecord>()
  readonly #running: Running[] = []
  readonly #seqs = new Map<number, number>()
  readonly #published = new Set<number>()
  readonly #prefix: string

  constructor({ queue, raw }: { queue: Queue; raw: Redis }, plan: LinePlan) {
    this.#queue = queue
    this.#raw = raw
    this.#plan = plan
    this.#prefix = prefixOf(newJob({ model: plan.model }).id)
    this.#manifest = manifestSchema.parse({
      ...{ name: plan.model, version: '1.0.0', input_schema: { type: 'object' }, output_schema: {} },
    })
  }

  /** Plays all arrivals to their end. */
  async play(): Promise<void> {
    SimulatedLine.now = 0
    const arrivals = [...this.#plan.arrivals].sort((a, b) => a.at - b.at)
    await this.#setDevices()
    while (arrivals.length > 0 || this.#running.length > 0 || this.#waiting.size > 0) {
      const end = this.#nextEnd()
      const arrival = arrivals[0]
      if (arrival && (!end || arrival.at <= end.endsAt)) await this.#arrive(arrivals.shift() as Arrival)
      else if (end) await this.#end(end)
      else throw new Error('jobs wait, and nothing runs them')
    }
  }

  #nextEnd(): Running | undefined {
    return this.#running.reduce<Running | undefined>((a, b) => (a && a.endsAt <= b.endsAt ? a : b), undefined)
  }

  async #arrive({ at, job, seconds }: Arrival): Promise<void> {
    SimulatedLine.now = at
    const result = await this.#queue.jobs.submit(newJob({ model: this.#plan.model, expiresInSeconds: 2e6, ...job }))
    if (result.outcome !== 'created') throw new Error(result.outcome)
    const { id, tenant } = result.record
    this.#set(id, 'created_us', onPaper(at) * 1000)
    void this.#raw.zadd(`${this.#prefix}index:${tenant}:queued`, onPaper(at) * 1000, id)
    this.#lengths.set(id, seconds)
    this.#waiting.set(result.record.id, result.record)
    await this.#setDevices()
    await this.#fill()
    if (this.#waiting.has(result.record.id)) await this.#ask(result.record)
    // A job that has waited for a while is asked about too, now and then.
    const all = [...this.#waiting.values()]
    if (all.length > 1 && this.#plan.random() < 0.3)
      await this.#ask(all[Math.floor(this.#plan.random() * all.length)] as JobRecord)
  }

  async #end(run: Running): Promise<void> {
    SimulatedLine.now = run.endsAt
    this.#running.splice(this.#running.indexOf(run), 1)
    const { id, fence } = run.record
    const runSeconds = run.endsAt - run.since
    await this.#queue.attempts.succeed({ id, fence }, { output: { value: { inline: '1' }, files: [] }, runSeconds })
    await this.#setDevices()
    await this.#fill()
  }

  async #ask(record: JobRecord): Promise<void> {
    const place = await this.#queue.jobs.place(record)
    if (place?.eta) this.said.push({ id: record.id, at: SimulatedLine.now, ...place.eta })
  }

  /** Redis knows real times only. */
  #set(id: JobId, field: string, value: number): void {
    void this.#raw.hset(`${this.#prefix}job:${id}`, field, value)
  }

  async #fill(): Promise<void> {
    for (let device = 0; device < this.#plan.devices(SimulatedLine.now) && this.#waiting.size > 0; device++) {
      if (this.#running.some((run) => run.device === device)) continue
      if (!(await this.#take(device))) return
    }
  }

  async #take(device: number): Promise<boolean> {
    const seq = (this.#seqs.get(device) ?? 0) + 1
    this.#seqs.set(device, seq)
    const { model } = this.#plan
    const { records } = await this.#queue.attempts.take({
      ...{ model, worker: `w${device}`, version: '1.0.0', lines: [TEST_LINE], places: 1, alone: true },
      ...{ process: `${model}-${device}`, seq },
    })
    const [record] = records
    if (!record) return false
    this.#waiting.delete(record.id)
    this.startedAt.set(record.id, SimulatedLine.now)
    this.#set(record.id, 'started_at', onPaper(SimulatedLine.now))
    const seconds = this.#lengths.get(record.id) as number
    this.#running.push({ device, since: SimulatedLine.now, endsAt: SimulatedLine.now + seconds, record })
    return true
  }

  async #setDevices(): Promise<void> {
    const wanted = this.#plan.devices(SimulatedLine.now)
    for (let device = 0; device < wanted; device++) {
      if (this.#published.has(device)) continue
      this.#published.add(device)
      await this.#queue.models.publish(this.#manifest, `w${device}`)
      await this.#raw.zadd(`${this.#prefix}serving:${TEST_LINE}`, NEVER, `w${device}`)
    }
    for (const device of [...this.#published].filter((one) => one >= wanted)) {
      this.#published.delete(device)
      await this.#queue.models.withdraw(this.#manifest, `w${device}`)
    }
  }
}
