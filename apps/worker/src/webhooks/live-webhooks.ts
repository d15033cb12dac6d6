/**
 * Tells of what happens while a job runs: started, progress, output. As good as it goes: sent once, at most two a second for
 * each job and receiver, never kept; a receiver that is down or busy misses them. What ends a job goes through the outbox.
 */
import { createBroadcast } from '@millrace/async'
import { type JobRecord, type Progress, type WebhookEvent, type WebhookFacts, webhookIdOf } from '@millrace/contracts'
import { type Deliverer, fitsWebhook, renderWebhookBody } from '@millrace/webhooks'
import type { FaultLog } from '../fault-log.ts'
import type { WebhookReceivers } from './webhook-receivers.ts'

/** Between two messages about one job to one receiver. Milliseconds. */
const APART_MS = 500
/** Numbers of an attempt's events start at its fence times this, so that no two of a job have one id. */
const PER_ATTEMPT = 1_000_000
/** Messages under way; more are left out. */
const MOST_UNDER_WAY = 64

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
  publicUrl: string
  logFault: FaultLog
}

export function createLiveWebhooks({ deliverer, receivers, publicUrl, logFault }: LiveWebhooksDeps): LiveWebhooks {
  const halt = createBroadcast()
  let underWay = 0

  const send = async (record: JobRecord, facts: WebhookFacts, n: number, isDue: (receiver: string) => boolean) => {
    const { tenant, webhook: own, id } = record
    const targets = await receivers.targets({ tenant, own, event: facts.event }, false)
    const body = targets.length === 0 ? '' : renderWebhookBody(facts, record, publicUrl)
    await Promise.all(
      targets.map(async (target) => {
        const receiver = target.skipped ? undefined : await receivers.receiver({ tenant, facts, ...target })
        if (!receiver || !isDue(target.endpointId ?? 'job')) return
        await deliverer.deliver({ ...receiver, tenant, id: webhookIdOf(id, facts.event, n), body, signal: halt.signal })
      }),
    )
  }

  return {
    follow(record) {
      const claimedMs = performance.now()
      const lastMs = new Map<string, number>()
      let said = 0

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
        void send(record, facts, n, event === 'job.started' ? () => true : isDue)
          .catch((error: unknown) => {
            if (!halt.signal.aborted)
              logFault('A webhook of a running job could not be sent', error, { jobId: record.id })
          })
          .finally(() => underWay--)
      }

      return {
        started: () => tell('job.started', {}),
        progress: (progress) => tell('job.progress', { progress }),
        output: (chunk) => tell('job.output', fitsWebhook(chunk) ? { chunk } : {}),
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
