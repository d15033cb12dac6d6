/** All that is kept of webhooks: settings, what is owed, deliveries. Called by openQueue. `seed` is for the registry: see RedisWebhookSettings. */
import type { RedisClient } from '../redis/redis-client.ts'
import type { ModelNames } from '../redis/model-names.ts'
import type { RunScript } from '../scripts/define-scripts.ts'
import type { WebhookStore } from '../ports/webhook-store.ts'
import { RedisDeliveryLog } from './redis-delivery-log.ts'
import { RedisWebhookOutbox } from './redis-webhook-outbox.ts'
import { RedisWebhookSettings } from './redis-webhook-settings.ts'

export function openWebhookStore(
  redis: RedisClient,
  run: RunScript,
  { names, endedKept }: { names: ModelNames; endedKept?: number | undefined },
): WebhookStore & { seed(model: string): Promise<void> } {
  const settings = new RedisWebhookSettings(redis, run)
  const outbox = new RedisWebhookOutbox({ redis, run, settings, names, endedKept })
  const deliveries = new RedisDeliveryLog(redis, run, outbox)
  return { settings, outbox, deliveries, seed: (model) => settings.seed(model) }
}
