/**
 * Makes the timeline of a job from its attempts and deliveries. The bars of all rows follow each other without a gap from the
 * submit to the end, so that their lengths add up to the life of the job. Called by the screen of a job.
 */
import type { Attempt, Job, WebhookDelivery } from '@millrace/contracts'
import type { Bar, DeliveryRow, Phase, Timeline, TimelineRow, TryMark } from './timeline.ts'

export type TimedJob = Pick<Job, 'status' | 'attempts' | 'created_at' | 'run_at' | 'finished_at' | 'attempt'>

/** `nowMs`: by the clock of the server. */
export function timelineOfJob(job: TimedJob, deliveries: readonly WebhookDelivery[], nowMs: number): Timeline {
  const fromMs = Date.parse(job.created_at)
  const finishedMs = job.finished_at === null ? undefined : Date.parse(job.finished_at)
  const pen = new Pen(fromMs, finishedMs ?? Math.max(fromMs, nowMs))
  const rows = rowsOf(job, pen)
  return { fromMs, endMs: pen.endMs, rows, deliveries: deliveries.map(deliveryRow), strayMs: pen.strayMs }
}

/** Draws bars one after the other: none overlaps the one before, and none goes beyond the end. */
class Pen {
  readonly endMs: number
  #atMs: number
  #strayMs = 0
  #bars: Bar[] = []

  constructor(fromMs: number, endMs: number) {
    this.#atMs = fromMs
    this.endMs = endMs
  }

  get atMs(): number {
    return this.#atMs
  }

  get strayMs(): number {
    return this.#strayMs
  }

  /** A phase that lasted until then. */
  until(toMs: number, phase: Phase): void {
    const end = Math.min(Math.max(toMs, this.#atMs), this.endMs)
    this.#strayMs += Math.abs(toMs - end)
    if (end > this.#atMs) this.#bars.push({ phase, fromMs: this.#atMs, toMs: end, isOpen: false })
    this.#atMs = end
  }

  /** A phase that goes on. */
  open(phase: Phase): void {
    this.#bars.push({ phase, fromMs: this.#atMs, toMs: this.endMs, isOpen: true })
    this.#atMs = this.endMs
  }

  take(): Bar[] {
    const bars = this.#bars
    this.#bars = []
    return bars
  }
}

function rowsOf(job: TimedJob, pen: Pen): TimelineRow[] {
  const rows: TimelineRow[] = []
  let lost = 0
  let starts = 0
  for (const attempt of job.attempts) {
    const missing = Math.max(0, (attempt.number ?? starts) - starts - 1)
    drawWait(job, attempt, pen, { isFirst: rows.length === 0, missing })
    drawAttempt(attempt, pen)
    rows.push({ attempt, bars: pen.take(), isSuspect: lost > 0, missing })
    if (attempt.outcome === 'worker_lost') lost++
    starts = attempt.number ?? starts
  }
  const isSuspect = lost > 0
  if (job.status === 'queued') {
    if (job.run_at !== null && rows.length === 0 && Date.parse(job.run_at) > pen.atMs)
      pen.until(Date.parse(job.run_at), 'scheduled')
    pen.open('waited')
    rows.push({ attempt: null, bars: pen.take(), isSuspect, missing: 0 })
  } else if (job.status !== 'running') {
    pen.until(pen.endMs, 'waited')
    const bars = pen.take()
    if (bars.length > 0) rows.push({ attempt: null, bars, isSuspect, missing: 0 })
  }
  return rows
}

const msOf = (time: string | null): number | undefined => (time === null ? undefined : Date.parse(time))

/** When an attempt was over as far as the queue is concerned: see `queue_seconds`. */
const leftMs = ({ started_at, number, claimed_at, ended_at }: Attempt): number | undefined =>
  msOf(started_at) ?? (number === null ? msOf(ended_at) : msOf(claimed_at))

/** What lies before an attempt: a rest until it could be started, then the line. */
function drawWait(
  job: TimedJob,
  attempt: Attempt,
  pen: Pen,
  { isFirst, missing }: { isFirst: boolean; missing: number },
): void {
  const claimedMs = msOf(attempt.claimed_at) ?? pen.atMs
  const left = leftMs(attempt)
  if (attempt.queue_seconds !== null && left !== undefined) {
    const since = left - attempt.queue_seconds * 1000
    const before = missing > 0 ? 'unknown' : isFirst && job.run_at !== null ? 'scheduled' : 'rested'
    // Both are rounded.
    if (since > pen.atMs + 1) pen.until(Math.min(since, claimedMs), before)
  }
  pen.until(claimedMs, missing > 0 && attempt.queue_seconds === null ? 'unknown' : 'waited')
}

function drawAttempt(attempt: Attempt, pen: Pen): void {
  const { outcome, fetch_seconds, run_seconds } = attempt
  const startedMs = msOf(attempt.started_at)
  const endedMs = msOf(attempt.ended_at)
  const isLost = outcome === 'worker_lost'
  if (fetch_seconds) pen.until(Math.min(pen.atMs + fetch_seconds * 1000, startedMs ?? endedMs ?? pen.endMs), 'fetched')
  if (startedMs !== undefined) pen.until(startedMs, 'slot')
  if (endedMs === undefined) return pen.open(startedMs === undefined ? 'taken' : 'ran')
  if (isLost) return pen.until(endedMs, 'lost')
  if (startedMs === undefined) return pen.until(endedMs, fetch_seconds ? 'slot' : 'taken')
  if (run_seconds === null) return pen.until(endedMs, 'ran')
  // The worker measures by a clock of its own, and may have told the end late.
  pen.until(Math.min(startedMs + run_seconds * 1000, endedMs), 'ran')
  pen.until(endedMs, 'stored')
}

function deliveryRow(delivery: WebhookDelivery): DeliveryRow {
  const marks: TryMark[] = delivery.tries.map(({ at, duration_ms, status, error }) => ({
    ...{ atMs: Date.parse(at), durationMs: duration_ms, state: error === null ? 'delivered' : 'failed', status, error },
  }))
  const nextMs = msOf(delivery.next_try_at)
  if (nextMs !== undefined) marks.push({ atMs: nextMs, durationMs: 0, state: 'next', status: null, error: null })
  return { delivery, marks, missing: delivery.tries_made - delivery.tries.length }
}
