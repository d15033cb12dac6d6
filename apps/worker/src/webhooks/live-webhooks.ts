/**
 * Tells of what happens while a job runs: started, progress, output. As good as it goes: sent once, at most two a second for
 * each job and receiver, never kept; a receiver that is down or busy misses them. What ends a job goes through the outbox.
 */
import { createBroadcast } from '@millrace/async'
import {
  type JobEvent,
  type JobRecord,
  type Progress,
  type WebhookEvent,
  type WebhookFacts,
  webhookIdOf,
} from '@millrace/contracts'
import { withLine } from '@millrace/dialects'
import { type Deliverer, fitsWebhook } from '@millrace/webhooks'
import type { LiveTelling, WebhookBodies } from './webhook-bodies.ts'
import type { FaultLog } from '../fault-log.ts'
import type { WebhookReceivers } from './webhook-receivers.ts'

/** Between two messages about one job to one receiver. Milliseconds. */
const APART_MS = 500
/** Numbers of an attempt's events start at its fence times this, so that no two of a job have one id. */
const PER_ATTEMPT = 1_000_000
/** Messages under way; more are left out. */
const MOST_UNDER_WAY = 64

/** What a job has given so far is told to other platforms' receivers with each message, as far as it is not more than this. */
const MOST_PIECES = 500

type Telling = Pick<LiveTelling, 'record' | 'facts' | 'pieces' | 'logs'> & {
  /** Of lines that were printed: nothing that ours would tell. */
  isLog: boolean
}

/** One running attempt. Nothing here waits or throws. */
export interface LiveJob {
  started(): void
  progress(progress: Progress): void
  /** Events of the log that were just appended, in their order. */
  said(events: readonly JobEvent[]): void
}

export interface LiveWebhooks {
  /** For a job that was just claimed. */
  follow(record: JobRecord): LiveJob
  /** Breaks off what is under way. */
  stop(): void
}

export interface LiveWebhooksDeps {
  deliverer: Pick<Deliverer, 'deliver'>
  receivers: Pick<WebhookReceivers, 'targets' | 'receiver'>
  bodies: Pick<WebhookBodies, 'live'>
  publicUrl: string
  logFault: FaultLog
}

/** `isDue`: whether a receiver may be told now; then it was. */
type Send = (told: Telling, n: number, isDue: (receiver: string) => boolean) => Promise<void>

function createSend({ deliverer, receivers, bodies, publicUrl }: LiveWebhooksDeps, signal: AbortSignal): Send {
  return async (told, n, isDue) => {
    const { record, facts, isLog } = told
    const { tenant, webhook: own, id } = record
    const all = await receivers.targets({ tenant, own, event: facts.event }, false)
    const targets = isLog ? all.filter(({ format }) => format !== undefined) : all
    await Promise.all(
      targets.map(async (target) => {
        const receiver = target.skipped
          ? undefined
          : await receivers.receiver({ tenant, event: facts.event, ...target })
        if (!receiver || !isDue(target.endpointId ?? 'job')) return
        const body = await bodies.live({ ...told, publicUrl, format: target.format })
        if (body === undefined) return
        await deliverer.deliver({ ...receiver, tenant, id: webhookIdOf(id, facts.event, n), body, signal })
      }),
    )
  }
}

export function createLiveWebhooks(deps: LiveWebhooksDeps): LiveWebhooks {
  const { logFault } = deps
  const halt = createBroadcast()
  const send = createSend(deps, halt.signal)
  let underWay = 0
  const sendOne: Send = async (told, n, isDue) => {
    if (underWay >= MOST_UNDER_WAY || halt.signal.aborted) return
    underWay++
    try {
      await send(told, n, isDue)
    } catch (error) {
      const { id: jobId } = told.record
      if (!halt.signal.aborted) logFault('A webhook of a running job could not be sent', error, { jobId })
    } finally {
      underWay--
    }
  }
  return { follow: (record) => new FollowedJob(record, sendOne), stop: () => halt.abort() }
}

class FollowedJob implements LiveJob {
  readonly #record: JobRecord
  readonly #send: Send
  readonly #claimedMs = performance.now()
  readonly #lastMs = new Map<string, number>()
  #told = 0
  // What receivers of other platforms are told with each message.
  readonly #pieces: unknown[] = []
  #logs = ''
  #progress: Progress | null = null

  constructor(record: JobRecord, send: Send) {
    this.#record = record
    this.#send = send
  }

  started(): void {
    this.#tell('job.started', {})
  }

  progress(progress: Progress): void {
    this.#progress = progress
    this.#tell('job.progress', { progress })
  }

  said(events: readonly JobEvent[]): void {
    const { webhook } = this.#record
    const isElsewhere = webhook?.format !== undefined
    const lines = isElsewhere ? events.flatMap((event) => (event.type === 'log' ? [event.message] : [])) : []
    for (const line of lines) this.#logs = withLine(this.#logs, line)
    for (const event of events) if (event.type === 'output') this.#output(event.chunk, isElsewhere)
    // What other platforms call logs is progress and lines; we tell progress alone.
    const isTold = lines.length > 0 && webhook?.events.includes('job.progress')
    if (isTold) this.#tell('job.progress', { progress: this.#progress }, true)
  }

  #output(chunk: unknown, isKept: boolean): void {
    const fits = fitsWebhook(chunk)
    if (fits && isKept && this.#pieces.length < MOST_PIECES) this.#pieces.push(chunk)
    this.#tell('job.output', fits ? { chunk } : {})
  }

  #tell(event: WebhookEvent, more: Partial<WebhookFacts>, isLog = false): void {
    const isKnown = this.#record.progress === this.#progress
    const record = isKnown ? this.#record : { ...this.#record, progress: this.#progress }
    const isStart = event === 'job.started'
    const n = isStart ? record.revision : record.fence * PER_ATTEMPT + this.#told++
    const facts = factsOf(record, event, performance.now() - this.#claimedMs, more)
    const told = { record, facts, isLog, pieces: [...this.#pieces], logs: this.#logs }
    void this.#send(told, n, (receiver) => isStart || this.#isDue(receiver))
  }

  #isDue(receiver: string): boolean {
    const now = performance.now()
    if (now - (this.#lastMs.get(receiver) ?? Number.NEGATIVE_INFINITY) < APART_MS) return false
    this.#lastMs.set(receiver, now)
    return true
  }
}

/** Dated from the claim on, which Redis dated: this machine's clock may be wrong. */
function factsOf(record: JobRecord, event: WebhookEvent, sinceMs: number, more: Partial<WebhookFacts>): WebhookFacts {
  const { started_at, attempt, version } = record
  const startedMs = started_at === null ? Date.now() : Date.parse(started_at)
  return {
    event,
    at: new Date(startedMs + sinceMs).toISOString(),
    attempt,
    version,
    started_at,
    finished_at: null,
    run_seconds: null,
    error: null,
    progress: null,
    ...more,
  }
}
