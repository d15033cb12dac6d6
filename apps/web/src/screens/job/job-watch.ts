/**
 * One job as a page follows it: read at once and every few seconds, and again whenever its stream tells of a change; its events as
 * they come. Held by the screen of a job.
 */
import { effect, signal } from '@preact/signals'
import type { JobQueue, Progress } from '@millrace/contracts'
import { followJob } from '../../data/follow-job.ts'
import { Poll } from '../../data/poll.ts'
import { jobIn, type ReadJob } from '../../data/read-job.ts'
import { EventBook } from './event-book.ts'

export interface JobText extends ReadJob {
  /** As the server wrote it. */
  text: string
}

const PACE_MS = 5000

const readText = async (answer: Response): Promise<JobText> => {
  const text = await answer.text()
  return { ...jobIn(text), text }
}

export class JobWatch {
  readonly poll: Poll<JobText>
  readonly events = new EventBook()
  /** Newer than what the job itself said last. */
  readonly queue = signal<JobQueue | null>(null)
  readonly progress = signal<Progress | null>(null)
  /** False while the stream is broken: what is shown may be some seconds old. */
  readonly isLinked = signal(true)
  readonly #id: string
  #stops: (() => void)[] = []
  #isFollowing = false
  #last: string | undefined

  constructor(id: string) {
    this.#id = id
    this.poll = new Poll(`v1/jobs/${encodeURIComponent(id)}`, PACE_MS, readText)
  }

  start(): void {
    this.poll.start()
    this.#stops.push(
      () => this.poll.stop(),
      effect(() => {
        const job = this.poll.data.value?.job
        if (!job) return
        this.queue.value = job.queue
        this.progress.value = job.progress
        // A job that was run again has a new life to follow.
        if (!this.#isFollowing && (this.#last === undefined || !job.finished_at)) this.#follow()
      }),
    )
  }

  stop(): void {
    for (const stop of this.#stops.splice(0)) stop()
  }

  #follow(): void {
    this.#isFollowing = true
    const stop = followJob(
      this.#id,
      {
        onEvent: (event) => {
          if ('id' in event && event.id !== undefined) this.#last = event.id
          if (event.type === 'queue') this.queue.value = event.queue
          else if (event.type === 'progress') this.progress.value = { message: null, ...event }
          else if (event.type === 'status' || event.type === 'done') {
            if (event.type === 'status' && event.status === 'running') this.events.startAnew()
            this.poll.refresh()
          }
          this.events.add(event)
        },
        onDone: () => {
          this.#isFollowing = false
        },
        onLink: (isOpen) => {
          this.isLinked.value = isOpen
        },
      },
      this.#last === undefined ? {} : { after: this.#last },
    )
    this.#stops.push(stop)
  }
}
