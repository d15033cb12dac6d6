/**
 * Tells of what happens while a job runs: started, progress, output. As good as it goes: sent once, at most two a second for
 * each job and receiver, never kept; a receiver that is down or busy misses them. What ends a job goes through the outbox.
 */
import { createBroadcast } from '@millrace/async'
import { type JobRecord, type Progress, type WebhookEvent, type WebhookFacts, webhookIdOf } from '@millrace/contracts'
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

type Telling = Pick<LiveTelling, 'record' | 'facts' | 'pieces'>

/** One running attempt. Nothing here waits or throws. */
export interface LiveJob {
  started(): void
  progress(progress: Progress): void
  output(chunk: unknown): void
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

type Send = (told: Telling, n: number, isDue: (receiver: string) => boolean) => Promise<void>

function createSend({ deliverer, receivers, bodies, publicUrl }: LiveWebhooksDeps, signal: AbortSignal): Send {
  return async (told, n, isDue) => {
    const { record, facts } = told
    const { tenant, webhook: own, id } = record
    const targets = await receivers.targets({ tenant, own, event: facts.event }, false)
    await Promise.all(
      targets.map(async (target) => {
        const receiver = target.skipped ? undefined : await receivers.receiver({ tenant, facts, ...target })
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

  return {
    follow(record) {
      const claimedMs = performance.now()
      const lastMs = new Map<string, number>()
      let said = 0
      const pieces: unknown[] = []

      const isDue = (receiver: string): boolean => {
        const now = performance.now()
        if (now - (lastMs.get(receiver) ?? Number.NEGATIVE_INFINITY) < APART_MS) return false
        lastMs.set(receiver, now)
        return true
      }

      const tell = (event: WebhookEvent, more: Partial<WebhookFacts>) => {
        if (underWay >= MOST_UNDER_WAY || halt.signal.aborted) return
        underWay++
        const n = event === 'job.started' ? record.revision : record.fence * PER_ATTEMPT + said++
        const facts = factsOf(record, event, performance.now() - claimedMs, more)
        void send({ record, facts, pieces: [...pieces] }, n, event === 'job.started' ? () => true : isDue)
          .catch((error: unknown) => {
            if (!halt.signal.aborted)
              logFault('A webhook of a running job could not be sent', error, { jobId: record.id })
          })
          .finally(() => underWay--)
      }

      return {
        started: () => tell('job.started', {}),
        progress: (progress) => tell('job.progress', { progress }),
        output(chunk) {
          const fits = fitsWebhook(chunk)
          if (fits && record.webhook?.format !== undefined && pieces.length < MOST_PIECES) pieces.push(chunk)
          tell('job.output', fits ? { chunk } : {})
        },
      }
    },
    stop: () => halt.abort(),
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
