/** What happened to a job, event by event, the newest first. Shown by the screen of a job. */
import { useState } from 'preact/hooks'
import { Button } from '../../parts/button.tsx'
import { Table } from '../../parts/table.tsx'
import { plainLine } from '../../logs/plain-line.ts'
import { words } from '../../words/words.ts'
import type { EventBook } from './event-book.ts'

const STEP = 100

export function EventList({ events }: { events: EventBook }) {
  const [shown, setShown] = useState(STEP)
  void events.changes.value
  const rows = events.rows.slice(-shown).reverse()
  if (rows.length === 0) return <p class="muted">{words.job.noEvents}</p>
  return (
    <div class="stack-small">
      <Table label={words.job.tabs.events} head={[words.job.at, words.job.event, words.job.tells]}>
        {rows.map(({ number, at, type, text }) => (
          <tr key={number}>
            <td class="number mono">
              <time dateTime={at} title={at}>
                {at.slice(11, 23)}
              </time>
            </td>
            <td>{words.job.eventTypes[type] ?? type}</td>
            <td class="mono wrap">{plainLine(text)}</td>
          </tr>
        ))}
      </Table>
      {events.rows.length > shown && (
        <Button size="small" look="quiet" onClick={() => setShown(shown + STEP)}>
          {words.job.earlier(events.rows.length - shown + events.dropped)}
        </Button>
      )}
    </div>
  )
}
