/** The output of a job. Shown by the tabs of a job. */
import type { Job } from '@millrace/contracts'
import type { EventBook } from './event-book.ts'

export function OutputView({ job }: { job: Job; text: string; events: EventBook }) {
  return <pre class="block">{JSON.stringify(job.output, null, 2)}</pre>
}
