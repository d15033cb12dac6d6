/** One delivery: its tries, the body that is sent, and the wish to send it again. Shown by screens.ts. */
import type { DeliveryTry, WebhookDelivery } from '@millrace/contracts'
import { useEffect, useState } from 'preact/hooks'
import { ask, call, CallError } from '../../data/call.ts'
import { usePoll } from '../../data/use-poll.ts'
import { Ago } from '../../parts/ago.tsx'
import { useAction } from '../../parts/asking/use-action.ts'
import { Badge } from '../../parts/badge.tsx'
import { Button } from '../../parts/button.tsx'
import { CopyButton } from '../../parts/copy-button.tsx'
import { durationText } from '../../parts/duration-text.ts'
import { Empty, FaultNotice } from '../../parts/notices.tsx'
import { Page } from '../../parts/page.tsx'
import { ShowPolled } from '../../parts/polled.tsx'
import { Table } from '../../parts/table.tsx'
import { hrefOf } from '../../router/place.ts'
import { words } from '../../words/words.ts'
import type { ScreenProps } from '../screen-props.ts'
import { DeliveryBadge } from '../../deliveries/delivery-badge.tsx'
import './webhooks-screen.css'

const text = words.webhooks
/** Somebody looks at how a test goes. */
const PACE_MS = 1500

export function DeliveryScreen({ params: { id = '' } }: ScreenProps) {
  const path = `v1/webhook-deliveries/${encodeURIComponent(id)}`
  const delivery = usePoll<WebhookDelivery>(path, PACE_MS)
  const { isBusy, fault, run } = useAction()
  const again = async (): Promise<void> => {
    await call(`${path}/redeliver`, { method: 'POST' })
    delivery.refresh()
  }
  return (
    <Page
      title={text.delivery}
      heading={
        <span class="mono" translate={false}>
          {id}
        </span>
      }
      actions={
        <Button look="main" busy={isBusy} onClick={() => run(again)}>
          {text.again}
        </Button>
      }
    >
      {fault && <FaultNotice fault={fault} />}
      <ShowPolled of={delivery}>
        {(found) => (
          <>
            <DeliveryFacts delivery={found} />
            <section class="stack-small">
              <h2>{text.tries}</h2>
              {found.tries.length === 0 ? <Empty title={text.noTries} /> : <Tries tries={found.tries} />}
            </section>
            <Body path={`${path}/body`} />
          </>
        )}
      </ShowPolled>
    </Page>
  )
}

function DeliveryFacts({ delivery }: { delivery: WebhookDelivery }) {
  const { job_id: job, next_try_at: next } = delivery
  return (
    <dl class="facts card">
      <dt>{text.status}</dt>
      <dd>
        <DeliveryBadge delivery={delivery} />
      </dd>
      <dt>{text.event}</dt>
      <dd>
        <code translate={false}>{delivery.event}</code>
      </dd>
      <dt>{text.to}</dt>
      <dd translate={false}>{delivery.host}</dd>
      <dt>{text.job}</dt>
      <dd>
        {job === null ? (
          text.isTest
        ) : (
          <a class="mono" href={hrefOf(['jobs', job])} translate={false}>
            {job}
          </a>
        )}
      </dd>
      <dt>{text.message}</dt>
      <dd class="mono" translate={false}>
        {delivery.webhook_id}
      </dd>
      <dt>{text.created}</dt>
      <dd>
        <Ago at={delivery.created_at} />
      </dd>
      {next !== null && (
        <>
          <dt>{text.next}</dt>
          <dd>
            <Ago at={next} />
          </dd>
        </>
      )}
    </dl>
  )
}

const Tries = ({ tries }: { tries: readonly DeliveryTry[] }) => (
  <Table label={text.tries} head={[text.at, text.answer, text.took]}>
    {[...tries].reverse().map((one) => (
      <tr key={one.at}>
        <td>
          <Ago at={one.at} />
        </td>
        <td>
          <span class="row">
            <Badge tone={one.error === null ? 'good' : 'bad'}>{String(one.status ?? text.noAnswer)}</Badge>
            <span class="muted">{one.error === null ? text.delivered : (text.errors[one.error] ?? one.error)}</span>
          </span>
        </td>
        <td class="number">{durationText(one.duration_ms)}</td>
      </tr>
    ))}
  </Table>
)

/** As the server tells it: read and printed again, its numbers might be others. */
function Body({ path }: { path: string }) {
  const [body, setBody] = useState<string | CallError>()
  useEffect(() => {
    const stop = new AbortController()
    ask(path, { signal: stop.signal })
      .then((answer) => answer.text())
      .then(setBody, (error: unknown) => error instanceof CallError && setBody(error))
    return () => stop.abort()
  }, [path])
  if (body === undefined) return null
  return (
    <section class="stack-small">
      <div class="row">
        <h2>{text.body}</h2>
        <span class="muted small">{text.bodyHint}</span>
        {typeof body === 'string' && (
          <span class="push">
            <CopyButton text={body} />
          </span>
        )}
      </div>
      {typeof body === 'string' ? (
        <pre class="card" translate={false} tabIndex={0}>
          {body}
        </pre>
      ) : (
        <FaultNotice fault={body} />
      )}
    </section>
  )
}
