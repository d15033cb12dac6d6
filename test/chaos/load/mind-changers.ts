/** The clients that cancel what they submitted, at its planned moment, and again until they are answered. Made by runChaos. */
import { setTimeout as wait } from 'node:timers/promises'
import type { Job, JobStatus } from '@millrace/contracts'
import { ApiClient } from '../../support/api-client.ts'
import { until } from '../../support/until.ts'
import type { PlannedJob } from './plan-chaos.ts'

/** A cancel as its client saw it. */
export interface Cancel {
  /** When it was answered. Unix time in milliseconds. */
  at: number
  /** HTTP status of the answer. */
  answer: number
  /** The job's, in the answer. */
  status: JobStatus | undefined
}

export interface MindChangersOptions {
  apiUrls: readonly string[]
  /** Ids of what runs now. */
  running(): Promise<string[]>
  onCancel(n: number, cancel: Cancel): void
}

const LOOK_MS = 20
const GIVE_UP_MS = 120_000

export class MindChangers {
  readonly #options: MindChangersOptions
  readonly #clients: readonly ApiClient[]
  /** By id: what is to be canceled once it runs. */
  readonly #waiting = new Map<string, PlannedJob>()
  readonly #asking: Promise<void>[] = []
  #isFinished = false

  /** Begins to look at what runs. */
  constructor(options: MindChangersOptions) {
    this.#options = options
    this.#clients = options.apiUrls.map((url) => new ApiClient(url))
    this.#asking.push(this.#lookForStarts())
  }

  /** To be told of each accepted job, once. */
  accepted(job: PlannedJob, id: string): void {
    if (job.cancel?.after === 'started') this.#waiting.set(id, job)
    else if (job.cancel) this.#asking.push(this.#cancel(job, id, job.cancel.ms))
  }

  /** Cancels what never seemed to start too, and resolves when all is answered. */
  async finish(): Promise<void> {
    this.#isFinished = true
    for (const [id, job] of this.#waiting) this.#asking.push(this.#cancel(job, id, 0))
    await Promise.all(this.#asking)
  }

  async #lookForStarts(): Promise<void> {
    while (!this.#isFinished) {
      for (const id of this.#waiting.size > 0 ? await this.#options.running() : []) {
        const job = this.#waiting.get(id)
        if (!this.#waiting.delete(id) || !job) continue
        this.#asking.push(this.#cancel(job, id, job.cancel?.ms ?? 0))
      }
      await wait(LOOK_MS)
    }
  }

  async #cancel({ n }: PlannedJob, id: string, ms: number): Promise<void> {
    await wait(ms)
    let tries = n
    const nextClient = (): ApiClient => this.#clients[tries++ % this.#clients.length]!
    const answered = await until(`the cancel of job ${n} is answered`, () => tryCancel(nextClient(), id), {
      timeoutMs: GIVE_UP_MS,
      everyMs: 100,
    })
    this.#options.onCancel(n, answered)
  }
}

/** Undefined when the answer was lost or said "not now". */
async function tryCancel(client: ApiClient, id: string): Promise<Cancel | undefined> {
  try {
    const response = await client.request(`/v1/jobs/${id}/cancel`, { method: 'POST' })
    const { status } = (await response.json()) as Partial<Job>
    return response.status >= 500 ? undefined : { at: Date.now(), answer: response.status, status }
  } catch {
    return undefined
  }
}
