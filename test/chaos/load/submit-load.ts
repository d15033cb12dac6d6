/** The clients: lanes that submit each job at its time, and again with the same key until it is accepted. */
import { setTimeout as wait } from 'node:timers/promises'
import type { Job } from '@millrace/contracts'
import { ApiClient } from '../../support/api-client.ts'
import { until } from '../../support/until.ts'
import type { PlannedJob } from './plan-chaos.ts'

export interface SubmitLoadOptions {
  jobs: readonly PlannedJob[]
  /** All of them; a client that meets a dead one turns to the next. */
  apiUrls: readonly string[]
  /** Where to tell how a job ended. */
  webhookUrl(n: number): string
  /** Monotonic start of the run, in milliseconds. */
  startedMs: number
  /** Hears what each 202 said, in order: one per job, two when it was sent again. */
  onAccepted(n: number, job: Accepted): void
  /** Hears of every submit that was refused because Redis is full. */
  onFull(): void
}

/** What a 202 says. The version is the one whose contract accepted the job. */
export type Accepted = Pick<Job, 'id' | 'version'>

/** A job is given up when no API takes it for this long; then something is broken that no fault of ours explains. */
const GIVE_UP_MS = 180_000
const LANES = 24

/** The client's own key of a job; the same whenever it is sent. */
export const idempotencyKeyOf = (n: number): string => `chaos-${n}`

/** Resolves when every job was accepted. Rejects when one is refused for good or taken by nobody. */
export async function submitLoad({
  jobs,
  apiUrls,
  webhookUrl,
  startedMs,
  onAccepted,
  onFull,
}: SubmitLoadOptions): Promise<void> {
  const waiting = [...jobs]
  const clients = apiUrls.map((url) => new ApiClient(url))
  const submit = async (job: PlannedJob): Promise<void> => {
    let tries = job.n
    const accepted = await until(
      `job ${job.n} is accepted`,
      () => trySubmit(clients[tries++ % clients.length]!, job, { webhook: webhookUrl(job.n), onFull }),
      {
        timeoutMs: GIVE_UP_MS,
        everyMs: 100,
      },
    )
    onAccepted(job.n, accepted)
  }
  const lane = async (): Promise<void> => {
    for (let job = waiting.shift(); job; job = waiting.shift()) {
      await wait(Math.max(0, startedMs + job.at - performance.now()))
      await submit(job)
      if (job.again) await submit(job)
    }
  }
  await Promise.all(Array.from({ length: LANES }, lane))
}

/** The accepted job; undefined when the answer was lost or said "not now". */
async function trySubmit(
  client: ApiClient,
  { n, input, version }: PlannedJob,
  { webhook, onFull }: { webhook: string; onFull(): void },
): Promise<Accepted | undefined> {
  let response: Response
  let text: string
  try {
    const body = { input, webhook, ...(version && { version }) }
    response = await client.submit('chaos', body, { 'idempotency-key': idempotencyKeyOf(n) })
    text = await response.text()
  } catch {
    return undefined
  }
  if (response.status === 202) return JSON.parse(text) as Job
  if (response.status === 503 && text.includes('"storage_pressure"')) onFull()
  if (response.status >= 500 || response.status === 429) return undefined
  throw new Error(`job ${n} was refused with ${response.status}: ${text}`)
}
