/** Where a job waits, in a line for whoever asked. Called for progress notifications and by the tool that looks at a job. */
import type { JobRecord } from '@millrace/contracts'
import type { QueuePlace } from '@millrace/queue'
import { queueView } from '../../../views/queue-view.ts'

export function placeText(record: JobRecord, place: QueuePlace): string {
  const { note, position, eta_seconds: eta } = queueView(record, place)
  const where = position === null ? 'queued' : `queued, number ${position} of yours`
  return `${where}${eta ? `, starts in about ${eta.p50} s` : ''}${note ? `. ${note}` : ''}`
}
