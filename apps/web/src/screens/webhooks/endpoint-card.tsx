/** One endpoint and what can be done with it. Shown by webhooks-screen.tsx. */
import type { WebhookDelivery, WebhookEndpoint, WebhookEndpointCreated } from '@millrace/contracts'
import { useState } from 'preact/hooks'
import { call } from '../../data/call.ts'
import { Ago } from '../../parts/ago.tsx'
import { Confirm } from '../../parts/asking/confirm.tsx'
import { useAction } from '../../parts/asking/use-action.ts'
import { Badge } from '../../parts/badge.tsx'
import { Button, LinkButton } from '../../parts/button.tsx'
import { CopyButton } from '../../parts/copy-button.tsx'
import { FaultNotice } from '../../parts/notices.tsx'
import { goTo, hrefOf } from '../../router/place.ts'
import { words } from '../../words/words.ts'
import { EndpointDialog } from './endpoint-dialog.tsx'
import { ResendDialog } from './resend-dialog.tsx'

const text = words.webhooks

interface EndpointCardProps {
  endpoint: WebhookEndpoint
  onChange: () => void
  onSecret: (secret: string) => void
}

type Asked = 'change' | 'rotate' | 'remove' | 'since' | undefined

export function EndpointCard({ endpoint, onChange, onSecret }: EndpointCardProps) {
  const { id, url, events, description, disabled } = endpoint
  const [asked, setAsked] = useState<Asked>()
  const { isBusy, fault, run } = useAction()
  const path = `v1/webhook-endpoints/${id}`
  const turn = async (): Promise<void> => {
    await call(`${path}/${disabled ? 'enable' : 'disable'}`, { method: 'POST' })
    onChange()
  }
  const test = async (): Promise<void> => {
    const delivery = await call<WebhookDelivery>(`${path}/test`, { method: 'POST' })
    goTo(hrefOf(['webhooks', 'deliveries', delivery.id]))
  }
  return (
    <li class="card stack endpoint">
      <header class="row">
        <h2 class="endpoint-url" translate={false}>
          {url}
        </h2>
        <Badge tone={disabled ? 'bad' : 'good'}>{disabled ? text.disabled : text.active}</Badge>
      </header>
      {description !== '' && <p translate={false}>{description}</p>}
      {disabled && (
        <p class="endpoint-why">
          {text.reasons[disabled.reason] ?? disabled.reason} <Ago at={disabled.at} />
        </p>
      )}
      <p class="row small">
        {events.map((event) => (
          <code key={event} class="chip" translate={false}>
            {event}
          </code>
        ))}
      </p>
      {fault && <FaultNotice fault={fault} />}
      <div class="row endpoint-actions">
        <Button size="small" busy={isBusy} onClick={() => run(test)}>
          {text.test}
        </Button>
        <Button size="small" onClick={() => setAsked('since')} disabled={disabled !== null}>
          {text.since}
        </Button>
        <LinkButton size="small" look="quiet" href={hrefOf(['webhooks'], { endpoint: id, deliveries: 1 })}>
          {text.deliveries}
        </LinkButton>
        <Changes {...{ endpoint, isBusy }} onAsk={setAsked} onTurn={() => run(turn)} />
      </div>
      <AskedDialog {...{ asked, endpoint, onChange, onSecret }} onClose={() => setAsked(undefined)} />
    </li>
  )
}

interface ChangesProps {
  endpoint: WebhookEndpoint
  isBusy: boolean
  onAsk: (asked: Asked) => void
  onTurn: () => void
}

function Changes({ endpoint, isBusy, onAsk, onTurn }: ChangesProps) {
  return (
    <span class="push row">
      <CopyButton text={endpoint.id}>{text.copyId}</CopyButton>
      <Button size="small" look="quiet" onClick={() => onAsk('change')}>
        {text.change}
      </Button>
      <Button size="small" look="quiet" onClick={() => onAsk('rotate')}>
        {text.rotate}
      </Button>
      <Button size="small" look="quiet" busy={isBusy} onClick={onTurn}>
        {endpoint.disabled ? text.enable : text.disable}
      </Button>
      <Button size="small" look="danger" onClick={() => onAsk('remove')}>
        {text.remove}
      </Button>
    </span>
  )
}

function AskedDialog({
  asked,
  endpoint,
  onChange,
  onSecret,
  onClose,
}: EndpointCardProps & { asked: Asked; onClose: () => void }) {
  const path = `v1/webhook-endpoints/${endpoint.id}`
  if (asked === 'change') return <EndpointDialog endpoint={endpoint} onDone={onChange} onClose={onClose} />
  if (asked === 'since') return <ResendDialog endpoint={endpoint} onClose={onClose} />
  if (asked === 'rotate') {
    const rotate = async (): Promise<void> => {
      const { secret } = await call<WebhookEndpointCreated>(`${path}/rotate-secret`, { method: 'POST' })
      onSecret(secret)
    }
    return (
      <Confirm title={text.rotateTitle} action={text.rotate} look="main" onConfirm={rotate} onClose={onClose}>
        {text.rotateHint}
      </Confirm>
    )
  }
  if (asked !== 'remove') return null
  const remove = async (): Promise<void> => {
    await call(path, { method: 'DELETE' })
    onChange()
  }
  return (
    <Confirm title={text.removeTitle} action={text.remove} onConfirm={remove} onClose={onClose}>
      <p class="endpoint-url" translate={false}>
        {endpoint.url}
      </p>
      <p>{text.removeHint}</p>
    </Confirm>
  )
}
