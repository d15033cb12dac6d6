/**
 * Waits until a job has ended: one shared subscription gives the hint, the record tells the truth. Survives an absence of
 * Redis in the middle of the wait. Called by reads with `?wait=` and submits with `Prefer: wait=`.
 */
import { isTerminal, type JobId } from '@millrace/contracts'
import type { ChangeFeed, JobFound, JobReader } from '@millrace/queue'
import { atLatest } from '@millrace/async'
import { isAway } from '../http/store-time.ts'

/** A hint may get lost: the record is read at least this often. Milliseconds. */
const REREAD_MS = 10_000
/** While Redis is away. Milliseconds. */
const AWAY_MS = 500

export interface Wait {
  jobs: Pick<JobReader, 'get'>
  changes: Pick<ChangeFeed, 'onEnd'>
  tenant: string
  seconds: number
  /** Calls back when the wait is to end early, and returns the function that takes that back; see HangUps. */
  onHangUp: (listener: () => void) => () => void
  /** A watch that has listened since before the job was kept: the job is then read when there is news, and not before. */
  watch?: EndWatch
}

/** The job when it has ended, or as it is when the time is over. Throws when Redis is away at the start or at the end. */
export async function waitForJob(id: JobId, wait: Wait): Promise<JobFound> {
  const watch = wait.watch ?? new EndWatch(wait.changes, id)
  const over = () => watch.ringForEver()
  const stops = [() => watch.stop(), atLatest(wait.seconds * 1000, over), wait.onHangUp(over)]
  try {
    if (wait.watch) await watch.rung(REREAD_MS)
    // If Redis is away from the start, the client hears so at once. If it goes away later, it may come back in time.
    for (let mayFail = wait.watch !== undefined; ; mayFail = true) {
      watch.silence()
      const read = await readOnce(id, wait, mayFail && !watch.ringsForEver)
      if (read.outcome !== 'away' && (watch.ringsForEver || hasEnded(read))) return read
      await watch.rung(read.outcome === 'away' ? AWAY_MS : REREAD_MS)
    }
  } finally {
    for (const stop of stops) stop()
  }
}

/**
 * Listens for the end of a job from its creation until `stop`. It remembers that it rang, so news that comes while the record
 * is read is not missed.
 */
export class EndWatch {
  readonly stop: () => void
  #rings = false
  #wake: (() => void) | undefined
  ringsForEver = false

  constructor(changes: Pick<ChangeFeed, 'onEnd'>, id: JobId) {
    this.stop = changes.onEnd(id, () => this.ring())
  }

  ring(): void {
    this.#rings = true
    this.#wake?.()
  }

  ringForEver(): void {
    this.ringsForEver = true
    this.ring()
  }

  silence(): void {
    this.#rings = this.ringsForEver
  }

  /** Resolves when it rings or rang since the last silence, at the latest after so many milliseconds. */
  rung(mostMs: number): Promise<void> {
    if (this.#rings) return Promise.resolve()
    return new Promise((resolve) => {
      const late = atLatest(mostMs, resolve)
      this.#wake = () => {
        late()
        resolve()
      }
    })
  }
}

async function readOnce(id: JobId, wait: Wait, mayFail: boolean): Promise<JobFound | { outcome: 'away' }> {
  try {
    return await wait.jobs.get(id, { tenant: wait.tenant })
  } catch (error) {
    if (!mayFail || !isAway(error)) throw error
    return { outcome: 'away' }
  }
}

const hasEnded = (found: JobFound): boolean => found.outcome !== 'found' || isTerminal(found.record.status)
