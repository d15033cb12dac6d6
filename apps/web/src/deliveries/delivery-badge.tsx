/** The state of a delivery. Shown wherever deliveries are. */
import type { WebhookDelivery } from '@millrace/contracts'
import { Badge, type Tone } from '../parts/badge.tsx'
import { words } from '../words/words.ts'

const TONES: Record<WebhookDelivery['status'], Tone> = {
  pending: 'busy',
  delivered: 'good',
  failed: 'bad',
  skipped: 'warn',
}

export const DeliveryBadge = ({ delivery: { status } }: { delivery: WebhookDelivery }) => (
  <Badge tone={TONES[status] ?? 'still'}>{words.job.deliveryStatus[status] ?? status}</Badge>
)
