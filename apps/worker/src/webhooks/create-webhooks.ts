/** The sending of webhooks, put together for one worker. Called by start-worker.ts. */
import type { Log } from '@millrace/contracts'
import type { FalWebhookKey, WebhookSources } from '@millrace/dialects'
import type { EndHook } from '@millrace/hooks'
import type { Metrics } from '@millrace/process'
import type { WebhookStore } from '@millrace/queue'
import { createAddressGuard, createDeliverer, type DeliveryLimits } from '@millrace/webhooks'
import { createFaultLog } from '../fault-log.ts'
import { createLifecycle, type Lifecycle, settledWithin } from '@millrace/async'
import { Dispatcher, type DispatcherPace } from './dispatcher.ts'
import { createLiveWebhooks, type LiveWebhooks } from './live-webhooks.ts'
import { createWebhookClock } from './webhook-clock.ts'
import { createWebhookMetrics } from './webhook-metrics.ts'
import { WebhookBodies } from './webhook-bodies.ts'
import { WebhookReceivers } from './webhook-receivers.ts'

/** How long an endpoint may fail before nothing is sent to it any more. */
const FAILING_MS = 5 * 24 * 60 * 60 * 1000

export interface WebhooksOptions {
  store: WebhookStore
  /** What bodies in the shape of other platforms are made from. Default: there are none. */
  sources?: WebhookSources | undefined
  /** What signs webhooks in the shape of fal. Default: nothing does. */
  falKey?: Pick<FalWebhookKey, 'sign'> | undefined
  /** The API as clients see it. */
  publicUrl: string
  /** See AddressGuardOptions. */
  allowHosts: readonly string[]
  allowHttp: boolean
  /** False: others send what is owed; what happens while a job runs is still told from here. */
  dispatch: boolean
  /** Hears of the ends of jobs for the operator. Default: this worker has none. */
  endHook?: Pick<EndHook, 'tell'> | undefined
  metrics: Metrics
  logger: Log
  pace?: Partial<DispatcherPace>
  /** Default: five days. Milliseconds. */
  failingMs?: number
  /** See DELIVERY_LIMITS. */
  limits?: Partial<DeliveryLimits>
}

/** When it stops, tries in hand may end within the grace; what is owed stays owed. */
export interface Webhooks extends Lifecycle {
  readonly live: LiveWebhooks
}

/** Throws TypeError when an allowed host cannot be read. */
export function createWebhooks(options: WebhooksOptions): Webhooks {
  const { store, publicUrl, allowHosts, allowHttp, logger, limits, pace, failingMs = FAILING_MS } = options
  const logFault = createFaultLog(logger)
  const clock = createWebhookClock()
  const deliverer = createDeliverer({ guard: createAddressGuard({ allowHosts, allowHttp }), limits, now: clock.now })
  const receivers = new WebhookReceivers({ settings: store.settings, now: clock.now, failingMs })
  const bodies = new WebhookBodies(options.sources, options.falKey)
  const live = createLiveWebhooks({ deliverer, receivers, bodies, publicUrl, logFault })
  const onEnd = createWebhookMetrics(options.metrics, store.outbox)
  const { outbox } = store
  const dispatcher = new Dispatcher({
    ...{
      outbox,
      deliverer,
      receivers,
      bodies,
      clock,
      publicUrl,
      logger,
      logFault,
      onEnd,
      pace,
      endHook: options.endHook,
    },
  })
  const life = createLifecycle({
    begin: () => (options.dispatch ? dispatcher.start() : undefined),
    async end(graceMs) {
      live.stop()
      await dispatcher.stop(graceMs)
      await settledWithin(deliverer.close(), 1000)
    },
  })
  return { live, ...life }
}
