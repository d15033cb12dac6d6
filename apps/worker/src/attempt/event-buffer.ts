/** Carries what a model says from a run to the log of its job, in order and bounded. Made by begin-attempt.ts. */
import { settledWithin } from '@millrace/async'
import { cutText, type JobEvent, LIMITS } from '@millrace/contracts'

type LogLevel = Extract<JobEvent, { type: 'log' }>['level']

/**
 * Gathers what a model says (log lines, output chunks) and appends it in batches, in order, one append at a time.
 * Bounded whatever the model does: log lines by rate, chunks by size, all events by number and size. What is left out is told.
 */
export interface EventBuffer {
  log(level: LogLevel, message: string): void
  output(chunk: unknown): void
  /** Appends what is there. Resolves when a try failed, or after `patienceMs`; what could not be appended stays. */
  flush(patienceMs: number): Promise<void>
  /** Drops what is left. */
  close(): void
}

export interface EventBufferOptions {
  /** `first` is the number of the first of them, from 1 on: what is appended again can be told by it. */
  append(events: JobEvent[], first: number): Promise<void>
  onFault(error: unknown): void
  /** Default 200; at once when there is enough for a batch. */
  everyMs?: number
  /**
   * Default 250: more than a run lets pass in any second (log-budget.ts), whose own notice must not be what is left out.
   * The rest is counted and the count is told once a second.
   */
  linesPerSecond?: number
}

/** What one append takes at most: Redis carries it out whole before it does anything else. */
const BATCH_EVENTS = 250
const BATCH_BYTES = 256 * 1024

interface Waiting {
  /** Stays the same when it is appended again, so that a lost reply doubles nothing. */
  number: number
  event: JobEvent
  bytes: number
  /** Of a notice: how many events it stands for. */
  leftOut?: number
}

export function createEventBuffer(options: EventBufferOptions): EventBuffer {
  const everyMs = options.everyMs ?? 200
  const rate = createLineRate(options.linesPerSecond ?? 250)
  let pending: Waiting[] = []
  let bytes = 0
  /** Number of the last event. */
  let said = 0
  let timer: NodeJS.Timeout | undefined
  let appending: Promise<boolean> | undefined
  let failed = false
  let closed = false

  const plan = () => {
    if (closed || appending || pending.length === 0) return
    const isFull = pending.length >= BATCH_EVENTS || bytes >= BATCH_BYTES
    if (isFull && !failed) void appendOnce()
    else timer ??= setTimeout(() => void appendOnce(), everyMs)
  }

  const push = (event: JobEvent, size?: number) => {
    if (closed) return
    const one = waiting(++said, event, size)
    pending.push(one)
    bytes += one.bytes
    bound()
    plan()
  }

  /** The log of a job holds no more than this anyway. A notice has the number of the last one that it stands for. */
  const bound = () => {
    while (pending.length > LIMITS.eventsPerJob || (bytes > LIMITS.eventBytesPerJob && pending.length > 2)) {
      const [first, second] = pending.splice(0, 2) as [Waiting, Waiting]
      const notice = leftOut(second.number, (first.leftOut ?? 1) + (second.leftOut ?? 1))
      bytes += notice.bytes - first.bytes - second.bytes
      pending.unshift(notice)
    }
  }

  const appendOnce = async (): Promise<boolean> => {
    clearTimeout(timer)
    timer = undefined
    const batch = pending.splice(0, batchOf(pending))
    bytes -= sizeOf(batch)
    const events = batch.map(({ event }) => event)
    appending = options.append(events, batch[0]?.number ?? 0).then(
      () => true,
      (error: unknown) => {
        pending = [...batch, ...pending]
        bytes = sizeOf(pending)
        bound()
        options.onFault(error)
        return false
      },
    )
    failed = !(await appending)
    appending = undefined
    plan()
    return !failed
  }

  return {
    log(level, message) {
      const { allowed, missed } = rate.take()
      if (missed > 0) push(missedLines(missed))
      if (allowed) push({ type: 'log', level, message: cutText(message, LIMITS.logLineChars) })
    },
    output(chunk) {
      const size = Buffer.byteLength(JSON.stringify(chunk) ?? '')
      if (size > LIMITS.inlineBytes) push(tooLarge(size))
      else push({ type: 'output', chunk }, size)
    },
    async flush(patienceMs) {
      const missed = rate.settle()
      if (missed > 0) push(missedLines(missed))
      if (pending.length === 0 && !appending) return
      const flushed = (async () => {
        await appending
        while ((appending || pending.length > 0) && (await (appending ?? appendOnce())));
      })()
      await settledWithin(flushed, patienceMs)
    },
    close() {
      closed = true
      pending = []
      bytes = 0
      clearTimeout(timer)
    },
  }
}

/** How many of these go into one append: one at least, and no further than they are numbered on. */
function batchOf(pending: Waiting[]): number {
  let bytes = 0
  const end = pending.slice(0, BATCH_EVENTS).findIndex((one, at) => {
    bytes += one.bytes
    return at > 0 && (bytes > BATCH_BYTES || one.number !== (pending[0] as Waiting).number + at)
  })
  return end < 0 ? BATCH_EVENTS : end
}

const waiting = (number: number, event: JobEvent, bytes = Buffer.byteLength(JSON.stringify(event))): Waiting => ({
  ...{ number, event, bytes },
})

const sizeOf = (some: Waiting[]): number => some.reduce((sum, { bytes }) => sum + bytes, 0)

function leftOut(number: number, count: number): Waiting {
  const message = `${count} log lines and output chunks were left out: the model said more than could be kept`
  return { ...waiting(number, { type: 'log', level: 'warn', message }), leftOut: count }
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
