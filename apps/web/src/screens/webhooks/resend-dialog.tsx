/** Sends again all that an endpoint did not get since a time, a thousand at once. Shown by endpoint-card.tsx. */
import type { WebhookEndpoint } from '@millrace/contracts'
import { useState } from 'preact/hooks'
import { call } from '../../data/call.ts'
import { serverNow } from '../../data/clock.ts'
import { Field } from '../../parts/asking/field.tsx'
import { useAction } from '../../parts/asking/use-action.ts'
import { Button } from '../../parts/button.tsx'
import { Dialog } from '../../parts/dialog.tsx'
import { FaultNotice } from '../../parts/notices.tsx'
import { words } from '../../words/words.ts'

const text = words.webhooks
const DAY_MS = 86_400_000

interface Resent {
  count: number
  more: boolean
}

export function ResendDialog({ endpoint, onClose }: { endpoint: WebhookEndpoint; onClose: () => void }) {
  const [since, setSince] = useState(() => localText(serverNow() - DAY_MS))
  const [sent, setSent] = useState<Resent>()
  const { isBusy, fault, run } = useAction()
  const resend = async (): Promise<void> => {
    const body = { since: new Date(since).toISOString() }
    const found = await call<Resent>(`v1/webhook-endpoints/${endpoint.id}/redeliver-failed`, { method: 'POST', body })
    setSent({ count: (sent?.count ?? 0) + found.count, more: found.more })
  }
  return (
    <Dialog title={text.sinceTitle} onClose={onClose}>
      <p class="endpoint-url" translate={false}>
        {endpoint.url}
      </p>
      <Field label={text.sinceField} hint={text.sinceHint}>
        {(id, told) => (
          <input
            id={id}
            class="input"
            type="datetime-local"
            value={since}
            aria-describedby={told}
            onInput={(event) => setSince(event.currentTarget.value)}
          />
        )}
      </Field>
      <div role="status">
        {sent && (
          <p>
            {text.sent(sent.count)} {sent.more && text.sentMore}
          </p>
        )}
      </div>
      {fault && <FaultNotice fault={fault} />}
      <div class="row dialog-foot">
        <Button onClick={onClose}>{words.shell.close}</Button>
        <Button look="main" busy={isBusy} disabled={since === '' || sent?.more === false} onClick={() => run(resend)}>
          {text.again}
        </Button>
      </div>
    </Dialog>
  )
}

/** What a field for a local time takes: without a zone. */
function localText(ms: number): string {
  const date = new Date(ms)
  return new Date(ms - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}
