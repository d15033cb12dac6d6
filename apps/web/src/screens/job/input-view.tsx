/** The input of a job, and its files. Shown by the tabs of a job. */
import { Result } from '../../results/result.tsx'
import { words } from '../../words/words.ts'
import type { JobText } from './job-watch.ts'

/** Stands in the place of each secret. */
const MASK = '"**********"'

export function InputView({ of: { input, text } }: { of: JobText }) {
  if (input === null) return <p class="muted">{words.job.hiddenInput}</p>
  return (
    <div class="stack-small">
      {text.includes(MASK) && <p class="muted small">{words.job.masked}</p>}
      <Result value={input} />
    </div>
  )
}
