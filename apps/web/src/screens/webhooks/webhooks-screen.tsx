/** Who is told of jobs, and how that went: endpoints and deliveries. Shown by screens.ts. */
import type { WebhookEndpoint } from '@millrace/contracts'
import { useState } from 'preact/hooks'
import { usePoll } from '../../data/use-poll.ts'
import { Button } from '../../parts/button.tsx'
import { Empty } from '../../parts/notices.tsx'
import { Page } from '../../parts/page.tsx'
import { ShowPolled } from '../../parts/polled.tsx'
import { Tabs } from '../../parts/tabs.tsx'
import { words } from '../../words/words.ts'
import type { ScreenProps } from '../screen-props.ts'
import { DeliveryList } from './delivery-list.tsx'
import { EndpointCard } from './endpoint-card.tsx'
import { EndpointDialog } from './endpoint-dialog.tsx'
import { SecretDialog } from './secret-dialog.tsx'
import './webhooks-screen.css'

const text = words.webhooks
const PACE_MS = 10_000

export function WebhooksScreen({ query }: ScreenProps) {
  const endpoints = usePoll<{ data: WebhookEndpoint[] }>('v1/webhook-endpoints', PACE_MS)
  const [isAdding, setAdding] = useState(false)
  const [secret, setSecret] = useState<string>()
  const all = endpoints.data.value?.data ?? []
  const refresh = (): void => endpoints.refresh()
  const isDeliveries = ['deliveries', 'status', 'endpoint', 'after'].some((name) => query.has(name))
  return (
    <Page
      title={text.title}
      lead={text.lead}
      actions={
        <Button look="main" onClick={() => setAdding(true)}>
          {text.add}
        </Button>
      }
    >
      <Tabs
        // A link within this screen may lead to the other one.
        key={String(isDeliveries)}
        label={text.title}
        first={isDeliveries ? 'deliveries' : 'endpoints'}
        tabs={[
          {
            id: 'endpoints',
            title: text.endpoints,
            count: all.length,
            content: () => (
              <ShowPolled of={endpoints}>
                {({ data }) => <EndpointList endpoints={data} onChange={refresh} onSecret={setSecret} />}
              </ShowPolled>
            ),
          },
          { id: 'deliveries', title: text.deliveries, content: () => <DeliveryList query={query} endpoints={all} /> },
        ]}
      />
      {isAdding && (
        <EndpointDialog
          onDone={(made) => {
            refresh()
            setSecret(made)
          }}
          onClose={() => setAdding(false)}
        />
      )}
      {secret !== undefined && <SecretDialog secret={secret} onClose={() => setSecret(undefined)} />}
    </Page>
  )
}

interface EndpointListProps {
  endpoints: readonly WebhookEndpoint[]
  onChange: () => void
  onSecret: (secret: string) => void
}

function EndpointList({ endpoints, onChange, onSecret }: EndpointListProps) {
  if (endpoints.length === 0) return <Empty title={text.noEndpoints}>{text.noEndpointsHint}</Empty>
  return (
    <ul class="stack">
      {endpoints.map((endpoint) => (
        <EndpointCard key={endpoint.id} endpoint={endpoint} onChange={onChange} onSecret={onSecret} />
      ))}
    </ul>
  )
}
