/** One job on the playground, from its submit to its end, or as it is found after a reload. Made by playground-screen.tsx. */
import type { Job, JobQueue, Progress, StreamedEvent } from '@millrace/contracts'
import { batch, signal } from '@preact/signals'
import { call, CallError } from '../../data/call.ts'
import { followJob } from '../../data/follow-job.ts'
import { readJob, readLargeOutput } from '../../data/read-job.ts'
import type { Json } from '../../json/json.ts'
import { Feed } from '../../results/streams/feed.ts'
import type { LogLine } from '../../results/streams/log-lines.tsx'

/** What is kept of a stream for who looks at it later. */
const KEPT_CHUNKS = 20_000
const KEPT_LINES = 2000
/** A proxy may hold a stream back, so the record is read now and then as well. Milliseconds. */
const READ_AGAIN_MS = 5000

export type ShownOutput = { kind: 'value'; value: Json } | { kind: 'large'; bytes: number }

export class JobRun {
  readonly id: string
  readonly job = signal<Job | undefined>(undefined)
  readonly input = signal<Json>(null)
  readonly output = signal<ShownOutput | undefined>(undefined)
  readonly queue = signal<JobQueue | null>(null)
  readonly progress = signal<Progress | null>(null)
  /** The job cannot be read. */
  readonly fault = signal<CallError | undefined>(undefined)
  readonly isLinked = signal(true)
  readonly isCanceling = signal(false)
  /** True once something was streamed or logged: there is something to show. */
  readonly hasStream = signal(false)
  readonly hasLog = signal(false)
  readonly chunks = new Feed<string>(KEPT_CHUNKS)
  readonly lines = new Feed<LogLine>(KEPT_LINES)
  readonly #onEnd: () => void
  #unfollow: (() => void) | undefined
  #again: ReturnType<typeof setInterval> | undefined
  #reading = new AbortController()

  /** @param onEnd The job has ended. */
  constructor(id: string, onEnd: () => void) {
    this.id = id
    this.#onEnd = onEnd
  }

  start(): void {
    void this.read()
    this.#unfollow = followJob(this.id, {
      onEvent: (event) => this.#take(event),
      onDone: () => void this.read().then(this.#onEnd),
      onLink: (isOpen) => this.#onLink(isOpen),
    })
    this.#again = setInterval(() => {
      const isEnded = this.job.peek()?.finished_at !== null && this.job.peek() !== undefined
      if (!isEnded && document.visibilityState === 'visible') void this.read()
    }, READ_AGAIN_MS)
  }

  stop(): void {
    this.#unfollow?.()
    clearInterval(this.#again)
    this.#reading.abort()
  }

  /** Reads the record: at the begin, at the end, and when addresses of files have ended. */
  readonly read = async (): Promise<void> => {
    try {
      const { job, input, output } = await readJob(this.id, this.#reading.signal)
      const isLarge = output === null && job.status === 'succeeded'
      const large = isLarge ? await readLargeOutput(this.id, this.#reading.signal) : { value: output }
      batch(() => {
        this.#show(job)
        this.input.value = input
        if ('bytes' in large) this.output.value = { kind: 'large', bytes: large.bytes }
        else if (job.finished_at !== null) this.output.value = { kind: 'value', value: large.value }
        this.fault.value = undefined
      })
    } catch (error) {
      if (!(error instanceof CallError)) return
      this.fault.value = error
      // It was purged, or never there: nothing will come.
      if (error.status === 404 || error.status === 410) this.#unfollow?.()
    }
  }

  readonly cancel = async (): Promise<void> => {
    this.isCanceling.value = true
    try {
      const job = await call<Job>(`v1/jobs/${encodeURIComponent(this.id)}/cancel`, { method: 'POST' })
      this.#show(job)
    } catch (error) {
      if (error instanceof CallError) this.fault.value = error
    } finally {
      this.isCanceling.value = false
    }
  }

  /** Of two answers the later one counts: an ended job does not run again while it is followed. */
  #show(job: Job): void {
    const before = this.job.peek()
    if (before?.finished_at && !job.finished_at) return
    this.job.value = job
    this.progress.value = job.progress
    this.queue.value = job.queue
  }

  #take(event: StreamedEvent): void {
    switch (event.type) {
      case 'log':
        this.hasLog.value = true
        return this.lines.push(event)
      case 'output':
        this.hasStream.value = true
        return this.chunks.push(pieceText(event.chunk))
      case 'progress':
        this.progress.value = { fraction: event.fraction, message: event.message ?? null }
        return
      case 'queue':
        this.queue.value = event.queue
        return
      case 'status':
        return this.#onStatus(event.status, event.at)
      case 'job':
        return this.#show(event.job)
      default:
        return
    }
  }

  #onStatus(status: Job['status'], at: string): void {
    const job = this.job.peek()
    if (!job || job.finished_at || Date.parse(at) < Date.parse(job.started_at ?? job.created_at)) return
    this.job.value = { ...job, status, started_at: status === 'running' ? (job.started_at ?? at) : job.started_at }
    if (status !== 'queued') this.queue.value = null
  }

  #onLink(isOpen: boolean): void {
    this.isLinked.value = isOpen
    // Whatever broke the stream may be told by the record.
    if (!isOpen) void this.read()
  }
}

/** A piece of text as it is; a flat object by its values; anything else as JSON on a line. */
function pieceText(chunk: unknown): string {
  if (typeof chunk === 'string') return chunk
  const isFlat =
    typeof chunk === 'object' &&
    chunk !== null &&
    !Array.isArray(chunk) &&
    Object.values(chunk).every((part) => typeof part !== 'object')
  return `${isFlat ? Object.values(chunk as object).join('  ·  ') : JSON.stringify(chunk)}\n`
}
