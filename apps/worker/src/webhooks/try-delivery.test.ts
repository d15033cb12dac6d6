import type { LeasedDelivery } from '@millrace/queue'
import type { DeliveryResult } from '@millrace/webhooks'
import { expect, test } from 'vitest'
import { tryDelivery } from './try-delivery.ts'
import { WebhookBodies } from './webhook-bodies.ts'

const HOUR = 3_600_000
const at = new Date(0).toISOString()

const leased = (endpointId: string | null): LeasedDelivery => ({
  ...{ shard: '', id: 'whd_1', lane: '', lease: '', tenant: 'anna', jobId: 'job_1', webhookId: 'evt_1', endpointId },
  ...{
    event: 'job.succeeded',
    url: 'https://example.com/',
    host: '',
    publicUrl: '',
    createdAt: at,
    since: at,
  },
  facts: {
    ...{ event: 'job.succeeded', at, attempt: 1, version: '1', started_at: at, finished_at: at },
    ...{ run_seconds: 1, error: null, progress: null },
  },
  record: { id: 'job_1', tenant: 'anna', kind: 'prediction', model: 'm', metadata: {}, created_at: at },
  ...{ tries: [], made: 0, total: 0, afterEnd: false },
})

/** A try so many hours after it was asked for. */
function tryAt(hours: number, result: DeliveryResult, endpointId: string | null = null) {
  const receivers = { receiver: async () => ({ url: 'https://example.com/', secrets: [] }) }
  const bodies = new WebhookBodies(undefined)
  const deps = { deliverer: { deliver: async () => result }, receivers, bodies, now: () => hours * HOUR, timeScale: 1 }
  return tryDelivery(deps, leased(endpointId), AbortSignal.timeout(1000))
}

const closed: DeliveryResult = { outcome: 'deferred', reason: 'circuit_open', retryInMs: 60_000 }
const busy: DeliveryResult = { outcome: 'deferred', reason: 'host_busy', retryInMs: 1000 }
const refused: DeliveryResult = { outcome: 'failed', status: 500, error: 'bad_status' }

test('what waits for an address that is left alone is looked at the less often the longer it waits', async () => {
  expect(await tryAt(0.1, closed)).toEqual({ outcome: 'later', delayMs: 0.02 * HOUR })
  expect(await tryAt(0, closed)).toEqual({ outcome: 'later', delayMs: 60_000 })
  expect(await tryAt(50, closed)).toEqual({ outcome: 'later', delayMs: 10 * HOUR })
  expect(await tryAt(119, closed)).toEqual({ outcome: 'later', delayMs: HOUR })
})

test('what nobody took for five days is given up, unless it only finds no place', async () => {
  expect(await tryAt(119, refused)).toMatchObject({ outcome: 'again' })
  expect(await tryAt(121, refused)).toMatchObject({ outcome: 'failed', try: { status: 500 } })
  expect(await tryAt(121, closed)).toEqual({ outcome: 'failed' })
  expect(await tryAt(121, closed, 'whe_1')).toEqual({ outcome: 'failed' })
  expect(await tryAt(121, busy)).toEqual({ outcome: 'lane', delayMs: 1000 })
  expect(await tryAt(121, { outcome: 'delivered', status: 204 })).toMatchObject({ outcome: 'delivered' })
})

test('all that waits for an endpoint rests with it', async () => {
  expect(await tryAt(1, closed, 'whe_1')).toEqual({ outcome: 'lane', delayMs: 60_000 })
})
