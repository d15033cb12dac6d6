/** The clients that cancel what they submitted, at its planned moment, and again until they are answered. */
import { setTimeout as wait } from 'node:timers/promises'
import type { Job, JobStatus } from '@millrace/contracts'
import { ApiClient } from '../../support/api-client.ts'
import { until } from '../../support/until.ts'
import type { Observer } from '../verdict/observer.ts'
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
  observer: Pick<Observer, 'running'>
  onCancel(n: number, cancel: Cancel): void
}

export interface MindChangers {
  /** To be told of each accepted job, once. */
  accepted(job: PlannedJob, id: string): void
  /** Cancels what never seemed to start too, and resolves when all is answered. */
  finish(): Promise<void>
}

const LOOK_MS = 20
const GIVE_UP_MS = 120_000

export function openMindChangers({ apiUrls, observer, onCancel }: MindChangersOptions): MindChangers {
  const clients = apiUrls.map((url) => new ApiClient(url))
  /** By id: what is to be canceled once it runs. */
  const waiting = new Map<string, PlannedJob>()
  const asking: Promise<void>[] = []
  let finished = false

  const cancel = async ({ n }: PlannedJob, id: string, ms: number): Promise<void> => {
    await wait(ms)
    let tries = n
    const answered = await until(
      `the cancel of job ${n} is answered`,
      () => tryCancel(clients[tries++ % clients.length]!, id),
      { timeoutMs: GIVE_UP_MS, everyMs: 100 },
    )
    onCancel(n, answered)
  }

  const look = async (): Promise<void> => {
    while (!finished) {
      for (const id of waiting.size > 0 ? await observer.running() : []) {
        const job = waiting.get(id)
        if (!waiting.delete(id) || !job) continue
        asking.push(cancel(job, id, job.cancel?.ms ?? 0))
      }
      await wait(LOOK_MS)
    }
  }
  asking.push(look())

  return {
    accepted(job, id) {
      if (job.cancel?.after === 'started') waiting.set(id, job)
      else if (job.cancel) asking.push(cancel(job, id, job.cancel.ms))
    },
    async finish() {
      finished = true
      for (const [id, job] of waiting) asking.push(cancel(job, id, 0))
      await Promise.all(asking)
    },
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
