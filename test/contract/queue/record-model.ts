/** What a job should be after each move, told without Redis. Called by job-record.property.test.ts. */
import { type JobStatus, LIMITS } from '@millrace/contracts'
import type { Blame } from '@millrace/queue'

type Ended = 'succeeded' | 'failed' | 'canceled'

export const OUTPUTS = { none: '', whole: '1', partial: '["partial"]' } as const
/** What every attempt keeps to go on from. */
export const CHECKPOINT = { version: '1.0.0', folder: '1-a', stored_bytes: 1, state: { inline: '1' }, files: [] }
const OUTPUT_BYTES = { none: 0, whole: OUTPUTS.whole.length, partial: OUTPUTS.partial.length } as const

/** What one job should be, in plain TypeScript: the yardstick of the property test, written from the design's table. */
export class RecordModel {
  status: JobStatus | 'none' | 'purged' = 'none'
  fence = 0
  /** Claims that ended before the model began, and so were no attempts at it. */
  unbegun = 0
  failures = 0
  crashes = 0
  lost = 0
  sourceFaults = 0
  /** Lines of its log that were appended. */
  lines = 0
  /** Of those, how many by the present attempt. */
  said = 0
  cancelAsked = false
  /** An attempt told of its progress. */
  hasTold = false
  /** It ended without its attempt. */
  unheld = false
  delayed = false
  /** Its model began since it was submitted or run again: from then on its deadline does not count. */
  begun = false
  /** Set when the deadline has passed; only a job whose model never began cares. */
  late = false
  /** There is a checkpoint from which the next attempt goes on. */
  hasCheckpoint = false
  /** Of each attempt: whether it went on from one. */
  readonly resumed: boolean[] = []
  /** What the record holds for its reader: nothing, the whole output, or what was given before it failed or stopped. */
  output: 'none' | 'whole' | 'partial' = 'none'
  /** What its tenant has used: whatever becomes of the record later. */
  readonly used = { submitted: 0, reran: 0, succeeded: 0, failed: 0, expired: 0, canceled: 0, runs: 0 }
  /** Bytes of the outputs that it ended with. */
  bytesOut = 0
  /** Attempts that were lost, whose time nobody measured. */
  losses = 0
  readonly maxAttempts: number

  constructor(maxAttempts: number) {
    this.maxAttempts = maxAttempts
  }

  get open(): boolean {
    return this.status === 'queued' || this.status === 'running'
  }

  /** Where it waits or is held; undefined when it is not open. */
  get place(): 'row' | 'later' | 'suspect' | 'lease' | undefined {
    if (this.status === 'running') return 'lease'
    if (this.status !== 'queued') return undefined
    if (this.delayed) return 'later'
    return this.lost > 0 ? 'suspect' : 'row'
  }

  /** A worker takes from its line, for the first time. */
  take(alone: boolean): string {
    const { place } = this
    if (place === 'lease' || place === 'later' || place === undefined) return 'nothing'
    if (place === 'suspect' && !alone) return 'nothing'
    if (this.late && !this.begun) {
      this.#expire()
      return 'nothing'
    }
    this.status = 'running'
    this.unheld = false
    this.said = 0
    this.fence++
    this.resumed.push(this.hasCheckpoint)
    return `claimed ${this.fence}`
  }

  /** Asked again because the reply was lost: what was given then, if it is still held. */
  takeAgain(fence: number, alone: boolean): string {
    if (this.status !== 'running' || this.fence !== fence) return 'nothing'
    if (alone || this.lost === 0) return `claimed ${fence}`
    // Other work may have begun there meanwhile: a suspect goes back.
    this.status = 'queued'
    this.unbegun++
    return 'nothing'
  }

  /** Its lease has ended, and somebody looks. */
  lose(): void {
    if (this.status !== 'running') return
    this.losses++
    if (this.cancelAsked) {
      this.#end('canceled')
      return
    }
    this.crashes++
    this.begun = true
    if (this.crashes >= LIMITS.crashes) {
      this.#end('failed')
      return
    }
    this.lost++
    this.unheld = true
    this.delayed = false
    this.status = 'queued'
  }

  beat(fence: number): string {
    if (this.status !== 'running' || fence !== this.fence) return 'lost'
    this.hasTold = true
    return this.cancelAsked ? 'cancel' : 'ok'
  }

  /** `given`: the attempt brings what its model gave so far. */
  settle(fence: number, action: 'succeed' | 'stop' | 'release' | 'hand back' | Blame, given = false): string {
    if (this.status !== 'running' || fence !== this.fence) return 'fenced'
    // Those tell that the model ran.
    if (!['stop', 'release', 'hand back'].includes(action)) this.used.runs++
    const left = given && action !== 'release' && action !== 'hand back' ? 'partial' : 'none'
    if (action === 'hand back' || action === 'stop') this.unbegun++
    if (action === 'succeed') return this.#done('succeeded', 'whole')
    if (this.cancelAsked || action === 'stop') return this.#done('canceled', left)
    if (action === 'hand back') return this.#requeue(false)
    this.begun = true
    if (action === 'release') return this.#requeue(false)
    if (action === 'model' && ++this.failures < this.maxAttempts) return this.#requeue(true)
    if (action === 'crash' && ++this.crashes < LIMITS.crashes) return this.#requeue(true)
    if (action === 'platform' && !this.late) return this.#requeue(true)
    if (action === 'source' && ++this.sourceFaults < LIMITS.sourceFaults && !this.late) return this.#requeue(true)
    return this.#done('failed', left)
  }

  /** An attempt says line `first` of its own, perhaps once more. */
  append(fence: number, first: number): void {
    if (this.status !== 'running' || fence !== this.fence || first <= this.said) return
    this.said = first
    this.lines++
  }

  /** `back`: of how many fences before. */
  keepCheckpoint(back: number): string {
    if (this.status !== 'running' || back > 0) return 'fenced'
    this.hasCheckpoint = true
    return 'kept'
  }

  resolve(fence: number): boolean {
    return this.status === 'running' && fence === this.fence
  }

  cancel(): void {
    if (this.status === 'queued') this.#end('canceled')
    else if (this.status === 'running') this.cancelAsked = true
  }

  rerun(): string {
    if (this.status === 'none') return 'missing'
    if (this.status === 'purged') return 'purged'
    if (this.status !== 'failed') return 'refused'
    this.status = 'queued'
    this.failures = this.crashes = this.lost = this.sourceFaults = 0
    this.cancelAsked = this.late = this.delayed = this.unheld = this.begun = false
    this.output = 'none'
    this.used.reran++
    return 'queued'
  }

  purge(): string {
    if (this.status === 'none' || this.status === 'purged') return 'missing'
    if (this.status === 'running') return 'running'
    if (this.status === 'queued') this.used.canceled++
    this.hasCheckpoint = false
    this.status = 'purged'
    return 'purged'
  }

  /** The reconciler looks. */
  inspect(): void {
    if (this.status === 'queued' && this.late && !this.begun) this.#expire()
  }

  #expire(): void {
    this.used.expired++
    this.#end('failed')
  }

  #requeue(delayed: boolean): string {
    this.status = 'queued'
    this.delayed = delayed
    return 'queued'
  }

  #done(status: Ended, output: RecordModel['output']): string {
    this.status = status
    this.used[status]++
    this.bytesOut += OUTPUT_BYTES[output]
    this.output = output
    this.hasCheckpoint = false
    return `done ${status}`
  }

  /** By somebody else than an attempt: whoever held it is fenced. */
  #end(status: Ended): string {
    this.hasCheckpoint = false
    this.status = status
    this.used[status]++
    this.unheld = true
    return `settled ${status}`
  }
}
