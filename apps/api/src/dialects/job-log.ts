/**
 * What a job has said so far, read from its log: its lines as one text, and the pieces of its output. Called by dialects whose clients
 * are shown both with the job.
 */
import type { JobEvent, JobRecord } from '@millrace/contracts'
import { eventsOf, type JobReader } from '@millrace/queue'
import type { ObjectReader } from '@millrace/storage'
import { createEventPages, type EventPages } from '../events/event-pages.ts'

export interface Said {
  /** Each line ends with a line end. */
  logs: string
  /** Of the last attempt. */
  chunks: unknown[]
}

export class JobLog {
  readonly #pages: EventPages

  constructor(deps: { jobs: Pick<JobReader, 'eventPage'>; objects: Pick<ObjectReader, 'get'> }) {
    this.#pages = createEventPages(deps.jobs, deps.objects)
  }

  /** Of a long log only the newest lines are kept: see LIMITS.eventsPerJob. */
  async read({ id, tenant, status }: JobRecord): Promise<Said> {
    const said: Said = { logs: '', chunks: [] }
    if (status === 'queued') return said
    for await (const event of eventsOf(this.#pages, id, { tenant })) note(said, event)
    return said
  }
}

function note(said: Said, event: JobEvent): void {
  if (event.type === 'log') said.logs += `${event.message}\n`
  else if (event.type === 'output') said.chunks.push(event.chunk)
  else if (event.type === 'status' && event.status === 'running') said.chunks = []
}
