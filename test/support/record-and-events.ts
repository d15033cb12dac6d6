/** Reads a job for tests, whoever owns it. Each function gives the plain answer, or throws when the job does not exist. */
import type { JobId, JobRecord, JobStatus, LoggedEvent } from '@millrace/contracts'
import type { EventPage, Queue } from '@millrace/queue'

export async function recordOf(queue: Pick<Queue, 'upkeep'>, id: JobId): Promise<JobRecord> {
  const found = await queue.upkeep.get(id)
  if (found.outcome !== 'found') throw new Error(`the job is ${found.outcome}`)
  return found.record
}

export async function statusOf(queue: Pick<Queue, 'upkeep'>, id: JobId): Promise<JobStatus | 'purged' | 'missing'> {
  const found = await queue.upkeep.get(id)
  return found.outcome === 'found' ? found.record.status : found.outcome
}

/** A page of the log in Redis. */
export async function eventPageOf(
  queue: Pick<Queue, 'jobs'>,
  id: JobId,
  after = '',
  count = 1000,
): Promise<Extract<EventPage, { outcome: 'events' }>> {
  const page = await queue.jobs.eventPage(id, 'signed', { after, count })
  if (page.outcome !== 'events') throw new Error(`the log is ${page.outcome}`)
  return page
}

/** An empty list when there is no log. */
export async function eventsOf(
  queue: Pick<Queue, 'jobs'>,
  id: JobId,
  after = '',
  count = 1000,
): Promise<LoggedEvent[]> {
  const page = await queue.jobs.eventPage(id, 'signed', { after, count })
  if (page.outcome === 'shelved') throw new Error('the log is on the shelf')
  return page.outcome === 'events' ? page.events : []
}
