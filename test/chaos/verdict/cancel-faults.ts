/** I6: what must hold for a job that its client canceled, and for one that nobody did. Pure; called by judge-job.ts. */
import type { JobStatus } from '@millrace/contracts'
import type { JobEvidence } from './evidence.ts'

/** What is wrong, a sentence each. */
export function cancelFaults({ record, events, cancel }: JobEvidence): string[] {
  const status = record.status as JobStatus
  const faults: string[] = []
  if (status === 'canceled') {
    if (record.output || record.output_files) faults.push('it is canceled but has an output')
    if (!cancel) faults.push('it is canceled but nobody had asked for that')
  }
  if (!cancel) return faults
  if (cancel.answer === 202 ? cancel.status !== 'running' : cancel.answer !== 200 || cancel.status !== status) {
    faults.push(`its cancel was answered with ${cancel.answer} and ${cancel.status}, and it is ${status}`)
  }
  const late = events.filter(({ at, event }) => event.type === 'status' && event.status === 'running' && at > cancel.at)
  if (late.length > 0) faults.push('it was started although its cancel had been answered')
  return faults
}
