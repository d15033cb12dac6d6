/** What waits and runs of each model, how long that will take, and a switch to hold it. Shown by screens.ts. */
import type { QueueState } from '@millrace/contracts'
import { useState } from 'preact/hooks'
import { call } from '../../data/call.ts'
import { usePoll } from '../../data/use-poll.ts'
import { useAction } from '../../parts/asking/use-action.ts'
import { Badge } from '../../parts/badge.tsx'
import { Button } from '../../parts/button.tsx'
import { durationText } from '../../parts/duration-text.ts'
import { Meter } from '../../parts/figures/meter.tsx'
import { Empty, FaultNotice } from '../../parts/notices.tsx'
import { Page } from '../../parts/page.tsx'
import { ShowPolled } from '../../parts/polled.tsx'
import { Table } from '../../parts/table.tsx'
import { hrefOf } from '../../router/place.ts'
import { words } from '../../words/words.ts'
import { LastHour } from './last-hour.tsx'
import { PauseDialog } from './pause-dialog.tsx'
import { QueueLines } from './queue-lines.tsx'
import './queues-screen.css'

const text = words.queues
const HEAD = [
  text.model,
  text.waiting,
  text.oldest,
  text.busy,
  text.rates,
  text.hour,
  text.drains,
  { title: text.actions, align: 'end' as const },
]

export function QueuesScreen() {
  const queues = usePoll<{ data: QueueState[] }>('v1/queues')
  return (
    <Page title={text.title} lead={text.lead}>
      <ShowPolled of={queues}>
        {({ data }) =>
          data.length === 0 ? (
            <Empty title={text.none}>{text.noneHint}</Empty>
          ) : (
            <Table label={text.title} head={HEAD}>
              {data.map((queue) => (
                <QueueRow key={queue.model} queue={queue} onChange={() => queues.refresh()} />
              ))}
            </Table>
          )
        }
      </ShowPolled>
    </Page>
  )
}

const span = (seconds: number | null): string => (seconds === null ? text.nothing : durationText(seconds * 1000))
const rate = (count: number | null): string =>
  count === null ? text.nothing : count.toLocaleString('en', { maximumFractionDigits: 1 })

function QueueRow({ queue, onChange }: { queue: QueueState; onChange: () => void }) {
  const { model, by_priority: by, lines_total: lines } = queue
  return (
    <>
      <tr class="queue-row">
        <td>
          <a class="queue-model" href={hrefOf(['models', model])} translate={false}>
            {model}
          </a>{' '}
          {queue.paused && <Badge tone="warn">{text.paused}</Badge>}
          {queue.note !== null && (
            <p class="small muted queue-note" translate={false}>
              {queue.note}
            </p>
          )}
        </td>
        <td>
          <a class="number queue-depth" href={hrefOf(['jobs'], { q: `model:${model} status:queued` })}>
            {queue.queued.toLocaleString('en')}
          </a>
          {queue.queued > 0 && by && <p class="small muted number">{text.priorities(by.high, by.normal, by.low)}</p>}
          {(queue.scheduled ?? 0) > 0 && <p class="small muted number">{text.scheduled(queue.scheduled ?? 0)}</p>}
        </td>
        <td class="number">{span(queue.oldest_wait_seconds)}</td>
        <td>
          <Meter label={text.busy} value={queue.running} of={queue.slots} />
        </td>
        <td class="number">
          {rate(queue.in_per_minute)} · {rate(queue.out_per_minute)}
        </td>
        <td>
          <LastHour model={model} />
        </td>
        <td class="number">
          {queue.drain_seconds === null || queue.queued === 0 ? text.nothing : text.about(span(queue.drain_seconds))}
        </td>
        <td class="end">
          <PauseButton queue={queue} onChange={onChange} />
        </td>
      </tr>
      {lines > 1 && (
        <tr class="below">
          <td colSpan={HEAD.length}>
            <QueueLines queue={queue} />
          </td>
        </tr>
      )}
    </>
  )
}

function PauseButton({ queue: { model, paused }, onChange }: { queue: QueueState; onChange: () => void }) {
  const [isAsked, setAsked] = useState(false)
  const { isBusy, fault, run } = useAction()
  const resume = async (): Promise<void> => {
    await call(`v1/models/${encodeURIComponent(model)}/resume`, { method: 'POST', body: {} })
    onChange()
  }
  return (
    <>
      {paused ? (
        <Button size="small" busy={isBusy} onClick={() => run(resume)}>
          {text.resume}
        </Button>
      ) : (
        <Button size="small" onClick={() => setAsked(true)}>
          {text.pause}
        </Button>
      )}
      {fault && <FaultNotice fault={fault} />}
      {isAsked && <PauseDialog model={model} onDone={onChange} onClose={() => setAsked(false)} />}
    </>
  )
}
