import { type JobEvent, LIMITS } from '@millrace/contracts'
import { cutText } from '../cut-text.ts'

type LogLevel = Extract<JobEvent, { type: 'log' }>['level']

/**
 * Gathers what a model says (log lines, output chunks) and appends it in batches, in order, one append at a time.
 * Bounded whatever the model does: log lines by rate, all events by number, chunks by size.
 */
export interface EventBuffer {
  log(level: LogLevel, message: string): void
  output(chunk: unknown): void
  /** Appends what is there. Resolves after one try, or after `patienceMs`; what could not be appended stays. */
  flush(patienceMs: number): Promise<void>
  /** Drops what is left. */
  close(): void
}

export interface EventBufferOptions {
  /** `first` is the number of the first of them, from 1 on: what is appended again can be told by it. */
  append(events: JobEvent[], first: number): Promise<void>
  onFault(error: unknown): void
  /** Default 200. */
  everyMs?: number
  /** Default 100; the rest is counted and the count is told once a second. */
  linesPerSecond?: number
}

export function createEventBuffer(options: EventBufferOptions): EventBuffer {
  const everyMs = options.everyMs ?? 200
  const rate = createLineRate(options.linesPerSecond ?? 100)
  let pending: JobEvent[] = []
  /** Number of the last event in `pending`; those before it count back from there. */
  let said = 0
  let timer: NodeJS.Timeout | undefined
  let appending: Promise<void> | undefined
  let closed = false

  const plan = () => {
    if (closed || timer || appending || pending.length === 0) return
    timer = setTimeout(() => void appendOnce(), everyMs)
  }

  const push = (event: JobEvent) => {
    if (closed) return
    pending.push(event)
    said++
    // The log of a job holds no more than this anyway.
    if (pending.length > LIMITS.eventsPerJob) pending.shift()
    plan()
  }

  const appendOnce = async () => {
    clearTimeout(timer)
    timer = undefined
    const batch = pending
    pending = []
    appending = options.append(batch, said - batch.length + 1).catch((error: unknown) => {
      pending = [...batch, ...pending].slice(-LIMITS.eventsPerJob)
      options.onFault(error)
    })
    await appending
    appending = undefined
    plan()
  }

  return {
    log(level, message) {
      const { allowed, missed } = rate.take()
      if (missed > 0) push(missedLines(missed))
      if (allowed) push({ type: 'log', level, message: cutText(message, LIMITS.logLineChars) })
    },
    output(chunk) {
      const bytes = Buffer.byteLength(JSON.stringify(chunk) ?? '')
      push(bytes > LIMITS.inlineBytes ? tooLarge(bytes) : { type: 'output', chunk })
    },
    async flush(patienceMs) {
      const missed = rate.settle()
      if (missed > 0) push(missedLines(missed))
      if (pending.length === 0 && !appending) return
      const patience = new AbortController()
      const flushed = (async () => {
        await appending
        if (pending.length > 0) await appendOnce()
      })()
      await Promise.race([flushed, delay(patienceMs, patience.signal)])
      patience.abort()
    },
    close() {
      closed = true
      pending = []
      clearTimeout(timer)
    },
  }
}

const missedLines = (count: number): JobEvent => ({
  type: 'log',
  level: 'warn',
  message: `${count} log lines were left out: the model wrote too many at once`,
})

const tooLarge = (bytes: number): JobEvent => ({
  type: 'log',
  level: 'warn',
  message: `An output chunk of ${bytes} bytes was left out: more than ${LIMITS.inlineBytes} can't be streamed`,
})

/** Counts lines by the second. `take` says whether one more fits, and how many the second before had to leave out. */
function createLineRate(perSecond: number) {
  let windowStart = performance.now()
  let used = 0
  let missed = 0
  const settle = () => {
    const count = missed
    missed = 0
    return count
  }

  return {
    settle,
    take() {
      let told = 0
      if (performance.now() - windowStart >= 1000) {
        windowStart = performance.now()
        used = 0
        told = settle()
      }
      const allowed = used < perSecond
      if (allowed) used++
      else missed++
      return { allowed, missed: told }
    },
  }
}

const delay = (ms: number, signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true })
  })
