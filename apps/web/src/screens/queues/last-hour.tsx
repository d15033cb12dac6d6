/** How many jobs of a model ended in each minute of the last hour. Shown by queues-screen.tsx. */
import type { ModelStats } from '@millrace/contracts'
import { usePoll } from '../../data/use-poll.ts'
import { Sparkline } from '../../parts/figures/sparkline.tsx'
import { words } from '../../words/words.ts'

const MINUTES = 60
/** Nobody sees a minute grow. */
const PACE_MS = 20_000

export function LastHour({ model }: { model: string }) {
  const stats = usePoll<ModelStats>(`v1/models/${encodeURIComponent(model)}/stats`, PACE_MS)
  const { value } = stats.data
  if (!value || value.data.length === 0) return <span class="muted">{words.queues.nothing}</span>
  const { ended, failed } = endsOf(value)
  const { total } = value
  const label = words.queues.hourOf(model, total.succeeded + total.failed + total.canceled, total.failed)
  return <Sparkline label={label} values={ended} bad={failed} />
}

/** One number for each minute: minutes in which nothing happened have no row. */
export function endsOf({ since, every, data }: ModelStats): { ended: number[]; failed: number[] } {
  const start = Date.parse(since)
  const step = every * 60_000
  const ended = Array.from({ length: Math.ceil(MINUTES / every) }, () => 0)
  const failed = [...ended]
  for (const row of data) {
    const at = Math.floor((Date.parse(row.at) - start) / step)
    if (at < 0 || at >= ended.length) continue
    ended[at] = row.succeeded + row.failed + row.canceled
    failed[at] = row.failed
  }
  return { ended, failed }
}
