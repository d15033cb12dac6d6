/** What is measured of webhooks. Labels are closed lists: no address and no tenant. */
import type { Metrics } from '@millrace/process'
import type { LeaseEnd, WebhookOutbox } from '@millrace/queue'

/** Adds the metrics to a set and gives what to call with the end of each leased delivery. */
export function createWebhookMetrics(
  metrics: Metrics,
  outbox: Pick<WebhookOutbox, 'state'>,
): (end: LeaseEnd, afterEnd: boolean) => void {
  const hooks = metrics.counter({
    name: 'millrace_end_hooks_total',
    help: 'Calls of the hook afterEnd by this process: ok or failed.',
    labels: ['result'],
  })
  const tries = metrics.counter({
    name: 'millrace_webhook_tries_total',
    help: 'Tries of webhooks by this process: ok, or why they failed.',
    labels: ['result'],
  })
  const deliveries = metrics.counter({
    name: 'millrace_webhook_deliveries_total',
    help: 'Webhooks that this process saw end: delivered, failed (given up), skipped.',
    labels: ['status'],
  })
  // From 0, because a rate does not see the first of a series that begins with 1.
  for (const status of ['delivered', 'failed', 'skipped']) deliveries.inc({ status }, 0)
  for (const result of ['ok', 'failed']) hooks.inc({ result }, 0)
  tries.inc({ result: 'ok' }, 0)
  const seconds = metrics.histogram({ name: 'millrace_webhook_try_seconds', help: 'How long a try took.' })
  let state: Promise<{ pending: number; oldestSeconds: number } | undefined> | undefined
  /** One read for both gauges of a scrape; nothing rather than an old value when Redis is away. */
  const read = () => {
    state ??= outbox
      .state()
      .catch(() => undefined)
      .finally(() => setImmediate(() => (state = undefined)))
    return state
  }
  metrics.gauge({ name: 'millrace_webhooks_pending', help: 'Webhooks that are owed, in all.' }, async (gauge) =>
    gauge.set((await read())?.pending ?? Number.NaN),
  )
  metrics.gauge(
    { name: 'millrace_webhooks_oldest_seconds', help: 'For how long the oldest webhook is owed.' },
    async (gauge) => gauge.set((await read())?.oldestSeconds ?? Number.NaN),
  )
  return (end, afterEnd) => {
    if (afterEnd) {
      if ('try' in end && end.try) hooks.inc({ result: end.try.error === null ? 'ok' : 'failed' })
      return
    }
    if ('try' in end && end.try) {
      tries.inc({ result: end.try.error ?? 'ok' })
      seconds.observe(end.try.duration_ms / 1000)
    }
    if (end.outcome === 'delivered' || end.outcome === 'failed' || end.outcome === 'skipped') {
      deliveries.inc({ status: end.outcome })
    }
  }
}
