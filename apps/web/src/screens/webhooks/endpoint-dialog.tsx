/** Adds an endpoint, or changes one. Shown by the webhooks screen. */
import type { WebhookEndpoint, WebhookEndpointCreated } from '@millrace/contracts'
import { useState } from 'preact/hooks'
import { call } from '../../data/call.ts'
import { Field } from '../../parts/asking/field.tsx'
import { useAction } from '../../parts/asking/use-action.ts'
import { Button } from '../../parts/button.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { FaultNotice } from '../../parts/notices.tsx'
import { words } from '../../words/words.ts'

const text = words.webhooks
/** As ENDPOINT_EVENTS of the contracts has them: types of it alone come into the page. */
const EVENTS = [
  'job.started',
  'job.progress',
  'job.output',
  'job.succeeded',
  'job.failed',
  'job.canceled',
  'batch.ended',
] as const
type Event = WebhookEndpoint['events'][number]
const FINAL: readonly Event[] = ['job.succeeded', 'job.failed', 'job.canceled']

interface EndpointDialogProps {
  /** The one that is changed; default: a new one. */
  endpoint?: WebhookEndpoint
  /** Given the secret of a new one. */
  onDone: (secret?: string) => void
  onClose: () => void
}

export function EndpointDialog({ endpoint, onDone, onClose }: EndpointDialogProps) {
  const [url, setUrl] = useState(endpoint?.url ?? '')
  const [description, setDescription] = useState(endpoint?.description ?? '')
  const [events, setEvents] = useState<readonly Event[]>(endpoint?.events ?? FINAL)
  const { isBusy, fault, run } = useAction()
  const faultAt = (path: string): string | undefined => fault?.faults.find((one) => one.path === path)?.message
  const save = async (): Promise<void> => {
    const body = { url: url.trim(), description, events }
    const path = `v1/webhook-endpoints${endpoint ? `/${endpoint.id}` : ''}`
    const { secret } = await call<Partial<WebhookEndpointCreated>>(path, { method: endpoint ? 'PATCH' : 'POST', body })
    onDone(secret)
    onClose()
  }
  const onSubmit = (event: SubmitEvent): void => {
    event.preventDefault()
    run(save)
  }
  return (
    <Dialog title={endpoint ? text.changeTitle : text.addTitle} onClose={onClose}>
      <form class="stack" onSubmit={onSubmit}>
        <Field label={text.url} hint={text.urlHint} fault={faultAt('/url')}>
          {(id, told) => (
            <input
              id={id}
              class="input"
              type="url"
              required
              value={url}
              placeholder="https://example.com/hooks"
              aria-describedby={told}
              onInput={(event) => setUrl(event.currentTarget.value)}
            />
          )}
        </Field>
        <EventChoice events={events} onChange={setEvents} />
        <Field label={text.description} fault={faultAt('/description')}>
          {(id) => (
            <input
              id={id}
              class="input"
              maxLength={256}
              value={description}
              onInput={(event) => setDescription(event.currentTarget.value)}
            />
          )}
        </Field>
        {fault && <FaultNotice fault={fault} />}
        <div class="row dialog-foot">
          <Button onClick={onClose}>{words.shell.cancel}</Button>
          <Button look="main" type="submit" busy={isBusy} disabled={url.trim() === '' || events.length === 0}>
            {endpoint ? text.save : text.add}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}

function EventChoice({ events, onChange }: { events: readonly Event[]; onChange: (events: readonly Event[]) => void }) {
  return (
    <fieldset class="events">
      <legend>{text.events}</legend>
      {EVENTS.map((name) => (
        <label key={name} class="check-line">
          <input
            type="checkbox"
            checked={events.includes(name)}
            onChange={({ currentTarget: { checked } }) =>
              onChange(EVENTS.filter((one) => (one === name ? checked : events.includes(one))))
            }
          />
          <code translate={false}>{name}</code>
        </label>
      ))}
    </fieldset>
  )
}
