/** Deliveries, the newest first, by status and endpoint. Shown by webhooks-screen.tsx. */
import type { WebhookDelivery, WebhookEndpoint } from '@millrace/contracts'
import { usePoll } from '../../data/use-poll.ts'
import { Ago } from '../../parts/ago.tsx'
import { LinkButton } from '../../parts/button.tsx'
import { Empty } from '../../parts/notices.tsx'
import { ShowPolled } from '../../parts/polled.tsx'
import { Table } from '../../parts/table.tsx'
import { goTo, hrefOf } from '../../router/place.ts'
import { words } from '../../words/words.ts'
import { DeliveryBadge } from '../../deliveries/delivery-badge.tsx'

const text = words.webhooks
const PAGE = 50
const HEAD = [text.delivery, text.event, text.status, text.tries, text.to, text.job, text.next, text.created]

interface DeliveryPage {
  data: WebhookDelivery[]
  next_cursor: string | null
}

export function DeliveryList({ query, endpoints }: { query: URLSearchParams; endpoints: readonly WebhookEndpoint[] }) {
  const [status, endpoint, after] = ['status', 'endpoint', 'after'].map((name) => query.get(name) ?? '')
  const asked = new URLSearchParams({ limit: String(PAGE) })
  for (const [name, value] of Object.entries({ status, endpoint, cursor: after })) if (value) asked.set(name, value)
  const deliveries = usePoll<DeliveryPage>(`v1/webhook-deliveries?${asked}`)
  const show = (changed: Record<string, string | undefined>): void =>
    goTo(hrefOf(['webhooks'], { deliveries: 1, status, endpoint, after, ...changed }))
  return (
    <div class="stack">
      <div class="row filters">
        <Choice
          label={text.status}
          value={status}
          any={text.anyStatus}
          onChange={(next) => show({ status: next, after: '' })}
        >
          {Object.entries(words.job.deliveryStatus)}
        </Choice>
        <Choice
          label={text.endpoint}
          value={endpoint}
          any={text.anyEndpoint}
          onChange={(next) => show({ endpoint: next, after: '' })}
          isData
        >
          {endpoints.map(({ id, url }) => [id, url])}
        </Choice>
      </div>
      <ShowPolled of={deliveries}>
        {({ data, next_cursor }) => (
          <>
            {data.length === 0 ? (
              <Empty title={text.noDeliveries}>{text.noDeliveriesHint}</Empty>
            ) : (
              <Rows deliveries={data} />
            )}
            <div class="row">
              {after !== '' && (
                <LinkButton href={hrefOf(['webhooks'], { deliveries: 1, status, endpoint })}>{text.newer}</LinkButton>
              )}
              {next_cursor !== null && (
                <LinkButton href={hrefOf(['webhooks'], { deliveries: 1, status, endpoint, after: next_cursor })}>
                  {text.older}
                </LinkButton>
              )}
            </div>
          </>
        )}
      </ShowPolled>
    </div>
  )
}

interface ChoiceProps {
  label: string
  value: string | undefined
  any: string
  onChange: (value: string) => void
  /** Whether what is shown came from the server. */
  isData?: boolean
  children: readonly (readonly [value: string, shown: string])[]
}

function Choice({ label, value = '', any, onChange, isData = false, children }: ChoiceProps) {
  return (
    <select class="input" aria-label={label} value={value} onChange={(event) => onChange(event.currentTarget.value)}>
      <option value="">{any}</option>
      {children.map(([one, shown]) => (
        <option key={one} value={one} translate={!isData}>
          {shown}
        </option>
      ))}
    </select>
  )
}

function Rows({ deliveries }: { deliveries: readonly WebhookDelivery[] }) {
  return (
    <Table label={text.deliveries} head={HEAD}>
      {deliveries.map((one) => (
        <tr key={one.id}>
          <td>
            <a class="mono short-id" href={hrefOf(['webhooks', 'deliveries', one.id])} translate={false}>
              {one.id}
            </a>
          </td>
          <td>
            <code translate={false}>{one.event}</code>
          </td>
          <td>
            <DeliveryBadge delivery={one} />
          </td>
          <td class="number">{one.tries_made}</td>
          <td translate={false}>{one.host}</td>
          <td>
            {one.job_id === null ? (
              <span class="muted">{text.isTest}</span>
            ) : (
              <a class="mono short-id" href={hrefOf(['jobs', one.job_id])} translate={false}>
                {one.job_id}
              </a>
            )}
          </td>
          <td>{one.next_try_at === null ? text.nothing : <Ago at={one.next_try_at} />}</td>
          <td>
            <Ago at={one.created_at} />
          </td>
        </tr>
      ))}
    </Table>
  )
}
