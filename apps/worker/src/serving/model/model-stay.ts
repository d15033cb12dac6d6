/**
 * The stay of one model in a worker: it starts, serves, and leaves without losing a job. served-models.ts keeps one per
 * model; when a model's code changes, its stay ends and a new one begins.
 */
import type { WorkerModelEntry } from '@millrace/contracts'
import type { Shutdown } from '../../attempt/attempt-deps.ts'
import type { WorkerModel } from '@millrace/host'
import { describeError } from '../../fault-log.ts'
import type { ModelWorker } from './model-worker.ts'
import { createBroadcast, settledWithin } from '@millrace/async'

export interface ModelStay {
  /** What it was made from. */
  readonly source: WorkerModel
  readonly worker: ModelWorker
  /** Resolves when it takes jobs, or never will and has said so. */
  readonly settled: Promise<void>
  /** It will never serve. */
  readonly gaveUp: boolean
  /** What operators see of it. */
  readonly entry: WorkerModelEntry
  /**
   * Takes nothing new at once, lets runs end, breaks off what has not ended shortly before the grace is over (its last
   * 5 s, or half of it), gives that back blaming nobody, and lets go. Once: a second call gives the first one's promise.
   */
  leave(graceMs: number): Promise<void>
  /** Gives back at once. */
  hurry(): void
}

export interface ModelStayOptions {
  source: WorkerModel
  /** Makes its worker; the attempts of it must obey the shutdown. */
  create(shutdown: Shutdown): ModelWorker
  /** Hears why it will never serve, unless it was leaving. */
  onGivenUp(error: unknown): void
}

/** Of the grace, what is kept for breaking off and giving back. */
const RESERVE_MS = 5000

/** Begins to start the model. */
export function beginStay({ source, create, onGivenUp }: ModelStayOptions): ModelStay {
  // Each job in flight listens to both.
  const drain = createBroadcast()
  const halt = createBroadcast()
  const worker = create({ drain: drain.signal, halt: halt.signal })
  let leaving: Promise<void> | undefined
  let gaveUp = false
  let fault: string | undefined
  const settled = worker.start().catch((error: unknown) => {
    gaveUp = true
    fault = describeError(error).error
    if (!leaving) onGivenUp(error)
  })

  const goAway = async (graceMs: number) => {
    const reserve = Math.min(RESERVE_MS, graceMs / 2)
    const end = performance.now() + graceMs
    const left = () => Math.max(0, end - performance.now())
    await settledWithin(worker.drain(), reserve / 4, halt.signal)
    const idle = worker.idle()
    await settledWithin(idle, left() - reserve, halt.signal)
    drain.abort(new Error('the model drains'))
    await settledWithin(idle, left() - reserve / 4, halt.signal)
    halt.abort(new Error('the model stops now'))
    await settledWithin(idle, Math.max(left() / 2, 500))
    await worker.stop(left() / 2)
  }

  return {
    source,
    worker,
    settled,
    get gaveUp() {
      return gaveUp
    },
    get entry() {
      return worker.entry(fault)
    },
    leave(graceMs) {
      leaving ??= goAway(graceMs)
      return leaving
    },
    hurry: () => halt.abort(new Error('the model was told twice to stop')),
  }
}
