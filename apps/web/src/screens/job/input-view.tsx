/** The input of a job. Shown by the tabs of a job. */
import type { Job } from '@millrace/contracts'
import { words } from '../../words/words.ts'

export function InputView({ job }: { job: Job; text: string }) {
  if (job.input === null) return <p class="muted">{words.job.hiddenInput}</p>
  return <pre class="block">{JSON.stringify(job.input, null, 2)}</pre>
}
