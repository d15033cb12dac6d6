/** The state of a delivery. Shown by the list and by the screen of one. */
import type { WebhookDelivery } from '@millrace/contracts'
import { Badge, type Tone } from '../../parts/badge.tsx'
import { words } from '../../words/words.ts'

const TONES: Record<string, Tone> = { pending: 'busy', delivered: 'good', failed: 'bad', skipped: 'warn' }

export const DeliveryBadge = ({ delivery: { status } }: { delivery: WebhookDelivery }) => (
  <Badge tone={TONES[status] ?? 'still'}>{words.webhooks.statuses[status] ?? status}</Badge>
)
