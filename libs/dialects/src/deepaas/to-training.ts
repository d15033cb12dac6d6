/** A training job as DEEPaaS shows it. Called by the routes of DEEPaaS. */
import type { JobRecord, StoredFile } from '@millrace/contracts'

export interface TrainingParts {
  record: JobRecord
  /** With the defaults, and with `trainingFile` in the place of each file. */
  args: unknown
  output: unknown
}

/** What stands in the place of a file: the name of its argument, its type, and what the client called it. */
export const trainingFile = ({ pointer, content_type, name }: StoredFile): [string, string, string] => [
  pointer.split('/')[1] ?? '',
  content_type,
  name,
]

export function toTraining({ record, args, output }: TrainingParts): Record<string, unknown> {
  const head = { date: dateOf(record.created_at), args, uuid: record.id }
  switch (record.status) {
    case 'succeeded': {
      const finished = record.finished_at ?? record.created_at
      const duration = durationOf(Date.parse(finished) - Date.parse(record.created_at))
      return { ...head, status: 'done', result: { output, finish_date: dateOf(finished), duration } }
    }
    case 'failed':
      return { ...head, status: 'error', message: record.error?.message ?? '' }
    case 'canceled':
      return { ...head, status: 'cancelled' }
    default:
      return { ...head, status: 'running' }
  }
}

/** As Python writes a time: `2026-11-28 21:58:13.486000`. In UTC. */
const dateOf = (iso: string): string => {
  const [day = '', time = ''] = iso.replace('Z', '').split('T')
  const [seconds = '', fraction = ''] = time.split('.')
  return `${day} ${seconds}.${fraction.padEnd(6, '0').slice(0, 6)}`
}

/** As Python writes a timedelta: `0:00:01.007000`, with the days before it. */
function durationOf(given: number): string {
  const ms = Math.max(0, given)
  const [days, hours] = [Math.floor(ms / 86_400_000), Math.floor(ms / 3_600_000) % 24]
  const [minutes, seconds, fraction] = [Math.floor(ms / 60_000) % 60, Math.floor(ms / 1000) % 60, ms % 1000]
  const two = (value: number): string => String(value).padStart(2, '0')
  const micro = fraction === 0 ? '' : `.${String(fraction).padStart(3, '0')}000`
  const word = days === 1 ? 'day' : 'days'
  return `${days === 0 ? '' : `${days} ${word}, `}${hours}:${two(minutes)}:${two(seconds)}${micro}`
}
