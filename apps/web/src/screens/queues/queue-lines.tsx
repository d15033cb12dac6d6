/** The lines of a model where it has several: jobs of one version, or of one contract. Shown by queues-screen.tsx. */
import type { QueueState } from '@millrace/contracts'
import { durationText } from '../../parts/duration-text.ts'
import { words } from '../../words/words.ts'

const text = words.queues

export function QueueLines({ queue }: { queue: QueueState }) {
  return (
    <details>
      <summary class="muted small">{text.lines(queue.lines_total)}</summary>
      <ul class="line-list">
        {queue.lines.map((line) => (
          <li key={`${line.version} ${line.contract}`} class="row">
            <strong class="number">{line.queued.toLocaleString('en')}</strong>
            <span>{line.version === null ? text.anyVersion(line.contract ?? '') : text.pinned(line.version)}</span>
            <span class="muted number">
              {line.oldest_wait_seconds !== null && durationText(line.oldest_wait_seconds * 1000)}
            </span>
            {line.suspects > 0 && <span class="muted">{text.suspects(line.suspects)}</span>}
            {line.note !== null && <span class="muted">{line.note}</span>}
          </li>
        ))}
      </ul>
    </details>
  )
}
