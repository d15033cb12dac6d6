/** What a job went through, as spans of time: the shapes that timeline-of-job.ts makes and the screen of a job draws. */
import type { Attempt, WebhookDelivery } from '@millrace/contracts'

/**
 * What a job was at in a span of time.
 * - `scheduled`: its time had not come (`run_at`)
 * - `waited`: it was in the line, the pause before a further try included
 * - `fetched`: its inputs were brought to the worker
 * - `slot`: it was in the worker and waited for its turn on a device
 * - `taken`: it was in the worker, and its model never began or nobody knows when
 * - `ran`: its model ran
 * - `lost`: as `ran` or `taken`, but of a worker that was not heard of any more
 * - `stored`: its output was stored, and its end written down
 * - `rested`: it had ended, and was run again later
 * - `unknown`: attempts that are not kept lie here
 */
export const PHASES = [
  'scheduled',
  'waited',
  'fetched',
  'slot',
  'taken',
  'ran',
  'lost',
  'stored',
  'rested',
  'unknown',
] as const
export type Phase = (typeof PHASES)[number]

export interface Bar {
  phase: Phase
  fromMs: number
  toMs: number
  /** It goes on. */
  isOpen: boolean
}

/** One attempt with what came before it, or the wait that no attempt has ended yet. */
export interface TimelineRow {
  attempt: Attempt | null
  bars: Bar[]
  /** A worker was lost with the job before: it is given to a worker that does nothing else. */
  isSuspect: boolean
  /** Attempts between this one and the one before it that are not kept. */
  missing: number
}

/** One try of a webhook, or the one that comes next. */
export interface TryMark {
  atMs: number
  durationMs: number
  state: 'delivered' | 'failed' | 'next'
  status: number | null
  error: string | null
}

export interface DeliveryRow {
  delivery: WebhookDelivery
  marks: TryMark[]
  /** Tries that were made and are not kept. */
  missing: number
}

export interface Timeline {
  fromMs: number
  /** When the job ended; while it is open, now. */
  endMs: number
  rows: TimelineRow[]
  deliveries: DeliveryRow[]
  /** By how much the times of the attempts contradict each other. Above a few milliseconds the record is at fault. */
  strayMs: number
}
