/** The webhooks of a job: each message with its tries, its body, and a way to send it again. Shown by the screen of a job. */
import { useState } from 'preact/hooks'
import type { WebhookDelivery } from '@millrace/contracts'
import { ask, call } from '../../data/call.ts'
import type { Polled } from '../../data/poll.ts'
import { DeliveryBadge } from '../../deliveries/delivery-badge.tsx'
import { useAction } from '../../parts/asking/use-action.ts'
import { Button } from '../../parts/button.tsx'
import { durationText } from '../../parts/duration-text.ts'
import { FaultNotice, Loading } from '../../parts/notices.tsx'
import { Ago } from '../../parts/ago.tsx'
import { words } from '../../words/words.ts'

export function DeliveryList({ deliveries }: { deliveries: Polled<{ data: WebhookDelivery[] }> }) {
  const found = deliveries.data.value?.data
  const fault = deliveries.fault.value
  if (fault && !found) return <FaultNotice fault={fault} onRetry={() => deliveries.refresh()} />
  if (!found) return <Loading />
  if (found.length === 0) return <p class="muted">{words.job.noDeliveries}</p>
  return (
    <ul class="stack">
      {found.map((delivery) => (
        <Delivery key={delivery.id} delivery={delivery} onChange={() => deliveries.refresh()} />
      ))}
    </ul>
  )
}

function Delivery({ delivery, onChange }: { delivery: WebhookDelivery; onChange(): void }) {
  const [body, setBody] = useState<string>()
  const { isBusy, fault, run } = useAction()
  const path = `v1/webhook-deliveries/${delivery.id}`
  const resend = (): void =>
    run(async () => {
      await call(`${path}/redeliver`, { method: 'POST' })
      onChange()
    })
  const show = (): void => run(async () => setBody(await (await ask(`${path}/body`)).text()))
  const isShown = body !== undefined
  return (
    <li class="card stack-small">
      <div class="row">
        <DeliveryHead delivery={delivery} />
        <span class="row push">
          <Button size="small" busy={isBusy} onClick={() => (isShown ? setBody(undefined) : show())}>
            {isShown ? words.job.hideBody : words.job.showBody}
          </Button>
          {delivery.status !== 'pending' && (
            <Button size="small" busy={isBusy} onClick={resend}>
              {words.job.redeliver}
            </Button>
          )}
        </span>
      </div>
      {fault && <FaultNotice fault={fault} />}
      <Tries delivery={delivery} />
      {isShown && (
        <pre class="block" tabIndex={0}>
          {body}
        </pre>
      )}
    </li>
  )
}

function DeliveryHead({ delivery }: { delivery: WebhookDelivery }) {
  const { event, host, next_try_at } = delivery
  return (
    <>
      <DeliveryBadge delivery={delivery} />
      <strong translate={false}>{event}</strong>
      <span class="muted anywhere" translate={false}>
        {host}
      </span>
      {next_try_at !== null && (
        <span class="muted">
          {words.job.nextTry} <Ago at={next_try_at} />
        </span>
      )}
    </>
  )
}

function Tries({ delivery: { tries } }: { delivery: WebhookDelivery }) {
  return (
    <ol class="tries small">
      {tries.map(({ at, status, error, duration_ms }) => (
        <li key={at} class="row">
          <Ago at={at} />
          <span class="number">{status ?? ''}</span>
          <span class={error === null ? 'muted' : 'error-code'}>{error ?? words.job.deliveryStatus.delivered}</span>
          <span class="muted number">{durationText(duration_ms)}</span>
        </li>
      ))}
    </ol>
  )
}
