/** Which endpoints of a tenant are told of an event. Pure; the dispatcher of a worker and the outbox use it. */
import type { EndpointEvent } from '@millrace/contracts'
import type { DeliveryTarget, TenantWebhooks } from '../ports/webhook-store.ts'

/** Disabled ones too: what they miss is shown in the log. */
export const endpointTargets = ({ endpoints }: TenantWebhooks, event: EndpointEvent): DeliveryTarget[] =>
  endpoints
    .filter(({ events }) => events.includes(event))
    .map(({ id, url, disabled }) => ({ endpointId: id, url, skipped: disabled !== null }))
