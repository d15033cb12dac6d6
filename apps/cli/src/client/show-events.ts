/** Shows a job from its events until it has ended. Called by followJob. */
import { ApiError, type Client, isFinal, type StreamedEvent } from '@millrace/client'
import type { Job } from '@millrace/contracts'

export interface Shown {
  /** Gets the job whenever it has changed. */
  job(job: Job): void
  /** Gets what the model says: its `log` and `output` events, including earlier ones. */
  said(event: Extract<StreamedEvent, { type: 'log' | 'output' }>): void
}

/** At first, and as a server of an older version has no event for the place in the line, it is asked for this often. Milliseconds. */
const PLACE_MS = 1000

/**
 * Resolves with the job as it ended. When the server offers no events, it polls, and then shows nothing of what the model
 * says.
 */
export async function showEvents(client: Client, job: Job, shown: Shown, signal?: AbortSignal): Promise<Job> {
  shown.job(job)
  try {
    return await byEvents(client, job, shown, signal)
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
  }
  let last = job
  for await (const seen of client.watch(job.id, { signal })) {
    last = seen
    shown.job(seen)
  }
  return last
}

async function byEvents(client: Client, job: Job, shown: Shown, signal: AbortSignal | undefined): Promise<Job> {
  let now = job
  const show = (next: Job): void => shown.job((now = next))
  // Only a queued job is shown from here. For all other states the events are enough.
  const look = async (): Promise<void> => {
    const read = await client.get(job.id, { signal, retries: 0 }).catch(() => undefined)
    if (read?.status === 'queued' && now.status === 'queued') show(read)
  }
  let isTold = false
  const timer = setInterval(() => void (now.status === 'queued' && !isTold && look()), PLACE_MS)
  try {
    for await (const event of client.events(job.id, { signal })) {
      isTold ||= event.type === 'queue'
      if (event.type === 'log' || event.type === 'output') shown.said(event)
      else if (event.type === 'done') {
        shown.job(event.job)
        return event.job
      } else show(changed(now, event))
      // The event does not say why the job is queued again.
      if (event.type === 'status' && event.status === 'queued' && event.attempt > 0) void look()
    }
  } finally {
    clearInterval(timer)
  }
  return client.get(job.id, { signal })
}

function changed(job: Job, event: Exclude<StreamedEvent, { type: 'log' | 'output' | 'done' }>): Job {
  switch (event.type) {
    case 'status':
      // The end is shown from the job itself.
      return isFinal(event) ? job : { ...job, status: event.status, attempt: event.attempt, progress: null }
    case 'progress':
      return { ...job, progress: { fraction: event.fraction, message: event.message ?? null } }
    case 'queue':
      return job.status === 'queued' ? { ...job, queue: event.queue } : job
    case 'job':
      return event.job
    default:
      return job
  }
}
