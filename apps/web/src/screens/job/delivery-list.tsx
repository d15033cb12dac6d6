/** The webhooks of a job: each message with its tries, its body, and a way to send it again. Shown by the screen of a job. */
import { useState } from 'preact/hooks'
import type { WebhookDelivery } from '@millrace/contracts'
import { ask, call, CallError } from '../../data/call.ts'
import type { Polled } from '../../data/poll.ts'
import { Badge, type Tone } from '../../parts/badge.tsx'
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

const TONES: Record<WebhookDelivery['status'], Tone> = {
  pending: 'busy',
  delivered: 'good',
  failed: 'bad',
  skipped: 'warn',
}

function Delivery({ delivery, onChange }: { delivery: WebhookDelivery; onChange(): void }) {
  const [body, setBody] = useState<string>()
  const [fault, setFault] = useState<CallError>()
  const [isBusy, setBusy] = useState(false)
  const act = async (what: () => Promise<void>): Promise<void> => {
    setBusy(true)
    setFault(undefined)
    try {
      await what()
    } catch (error) {
      if (!(error instanceof CallError)) throw error
      setFault(error)
    } finally {
      setBusy(false)
    }
  }
  const path = `v1/webhook-deliveries/${delivery.id}`
  const resend = (): Promise<void> =>
    act(async () => {
      await call(`${path}/redeliver`, { method: 'POST' })
      onChange()
    })
  const show = (): Promise<void> => act(async () => setBody(await (await ask(`${path}/body`)).text()))
  const isShown = body !== undefined
  return (
    <li class="card stack-small">
      <div class="row">
        <DeliveryHead delivery={delivery} />
        <span class="row push">
          <Button size="small" busy={isBusy} onClick={() => (isShown ? setBody(undefined) : void show())}>
            {isShown ? words.job.hideBody : words.job.showBody}
          </Button>
          {delivery.status !== 'pending' && (
            <Button size="small" busy={isBusy} onClick={() => void resend()}>
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

function DeliveryHead({ delivery: { status, event, host, next_try_at } }: { delivery: WebhookDelivery }) {
  return (
    <>
      <Badge tone={TONES[status] ?? 'still'}>{words.job.deliveryStatus[status] ?? status}</Badge>
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
