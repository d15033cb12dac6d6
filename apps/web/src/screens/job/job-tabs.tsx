/** All that went into a job, came out of it and happened to it, a tab for each. Shown by the screen of a job. */
import type { WebhookDelivery } from '@millrace/contracts'
import type { Polled } from '../../data/poll.ts'
import { CopyButton } from '../../parts/copy-button.tsx'
import { Button } from '../../parts/button.tsx'
import { saveText } from '../../parts/save-text.ts'
import { Tabs } from '../../parts/tabs.tsx'
import { words } from '../../words/words.ts'
import { DeliveryList } from './delivery-list.tsx'
import { EventList } from './event-list.tsx'
import type { JobText, JobWatch } from './job-watch.ts'
import { InputView } from './input-view.tsx'
import { LogView } from './log-view.tsx'
import { OutputView } from './output-view.tsx'

interface TabsProps {
  of: JobText
  watch: JobWatch
  deliveries: Polled<{ data: WebhookDelivery[] }>
  /** The one that is open at first. */
  tab: string | undefined
}

export function JobTabs({ of, watch, deliveries, tab }: TabsProps) {
  const { job, text } = of
  const names = words.job.tabs
  const { events } = watch
  void events.changes.value
  const sent = deliveries.data.value?.data ?? []
  return (
    <Tabs
      label={words.job.parts}
      first={tab}
      tabs={[
        { id: 'output', title: names.output, content: () => <OutputView of={of} watch={watch} /> },
        { id: 'input', title: names.input, content: () => <InputView of={of} /> },
        {
          ...{ id: 'logs', title: names.logs, count: events.log.size + events.log.dropped },
          content: () => <LogView events={events} name={job.id} isOpen={job.finished_at === null} />,
        },
        { id: 'events', title: names.events, content: () => <EventList events={events} /> },
        {
          ...{ id: 'deliveries', title: names.deliveries, count: sent.length },
          content: () => <DeliveryList deliveries={deliveries} />,
        },
        { id: 'raw', title: names.raw, content: () => <RawView id={job.id} text={text} /> },
      ]}
    />
  )
}

const RAW_CHARS = 64 * 1024

/** What the API said, to the letter. */
function RawView({ id, text }: { id: string; text: string }) {
  return (
    <div class="stack-small">
      <div class="row">
        <CopyButton text={text} />
        <Button size="small" onClick={() => saveText(`${id}.json`, text)}>
          {words.job.save}
        </Button>
        {text.length > RAW_CHARS && <span class="muted small">{words.job.cut}</span>}
      </div>
      <pre class="block" tabIndex={0}>
        {text.slice(0, RAW_CHARS)}
      </pre>
    </div>
  )
}
