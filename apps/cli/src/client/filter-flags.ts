/** The flags that say which jobs are meant, and what they say. Called by `millrace jobs` and `millrace failures`. */
import { JOB_ERRORS, JOB_KINDS, JOB_STATUSES, type JobErrorCode, type JobFilter } from '@millrace/contracts'
import type { Flag } from '../command/command.ts'
import { durationFlag, pairsFlag, textFlag, wordFlag, wordsFlag } from '../command/read-flags.ts'

const text = (name: string, about: string): Flag => ({ name, type: 'string', about })

export const STATUS_FLAG: Flag = text('status', `Only ${JOB_STATUSES.join(', ')}; several with commas.`)

export const FILTER_FLAGS: Flag[] = [
  text('model', 'Only jobs of this model.'),
  text('code', 'Only those that failed with this code, such as timeout.'),
  text('failure', 'Only those that failed in this way: an id that `millrace failures` shows.'),
  text('since', 'Only those submitted in this time, such as 1h or 7d.'),
  text('until', 'Only those submitted longer ago than this.'),
  text('ended-since', 'Only those that ended in this time.'),
  { ...text('metadata', 'Only those with this label, key=value. May be given several times.'), multiple: true },
  text('worker', 'Only those with an attempt on this worker.'),
  text('device', 'Only those with an attempt on this device, such as cuda:0.'),
  text('version', 'Only those of this version of their model.'),
  text('kind', `Only ${JOB_KINDS.join(' or ')}.`),
]

/** Throws UsageError. */
export function readFilter(flags: Record<string, unknown>): JobFilter {
  const ago = (name: string): string | undefined => {
    const seconds = durationFlag(flags, name)
    return seconds === undefined ? undefined : new Date(Date.now() - seconds * 1000).toISOString()
  }
  return {
    ...{ model: textFlag(flags, 'model'), status: wordsFlag(flags, 'status', JOB_STATUSES) },
    ...{ kind: wordFlag(flags, 'kind', JOB_KINDS), version: textFlag(flags, 'version') },
    error_code: wordFlag(flags, 'code', Object.keys(JOB_ERRORS) as JobErrorCode[]),
    ...{ failure: textFlag(flags, 'failure'), worker: textFlag(flags, 'worker'), device: textFlag(flags, 'device') },
    ...{ created_after: ago('since'), created_before: ago('until'), ended_after: ago('ended-since') },
    metadata: pairsFlag(flags, 'metadata'),
  }
}
