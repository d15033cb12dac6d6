/** Where a queued job waits, as the API shows it. Called by jobText, by streams of events and by dry runs. */
import { type JobQueue, type JobRecord, WAIT_REASONS } from '@millrace/contracts'
import { isPinned, type QueuePlace } from '@millrace/queue'

/** What is said of the line that it waits in. */
type InLine = Pick<JobRecord, 'line' | 'version'>

export function queueView(job: InLine, { position, ahead, eta, why, workers }: QueuePlace): JobQueue {
  return { position, ahead, eta_seconds: eta, why, workers, note: noteOf(job, why) }
}

function noteOf({ line, version }: InLine, why: QueuePlace['why']): string | null {
  if (why === null || why === 'busy') return null
  if (why !== 'no_worker') return WAIT_REASONS[why]
  if (isPinned(line)) return `No worker serves version ${version} now.`
  return 'No worker serves a version with the schemas that this job was accepted by.'
}

/** What changes with all that is shown of it, for an entity tag. */
export function placeTag(place: QueuePlace | undefined): string {
  if (!place) return ''
  const { position, ahead, eta, why, workers } = place
  return [position, ahead, eta?.p50, eta?.p90, why, workers].join('.')
}
