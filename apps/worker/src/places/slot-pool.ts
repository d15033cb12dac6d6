/**
 * Gives runs to the runners of one model, first come, first served. Made by the worker of a model, asked by
 * run-model.ts.
 */
import { WaitingLine } from '@millrace/async'
import type { JobId } from '@millrace/contracts'
import type { Runner } from '@millrace/host'
import { BusyClock } from './busy-clock.ts'

/** The right to one run on one runner. */
export interface SlotLease {
  readonly slot: string
  readonly runner: Runner
  /** Its runner is busy: it is to hold this run behind the one that goes on, by `hold`. */
  readonly isHeld: boolean
  /** The model began with it. */
  begun(): void
  /** Of a held one: called when another runner is free for it; answers whether it was taken back. */
  onFree(recall: () => boolean): void
  /** Gives the slot to the next in line. Safe to call twice. */
  release(): void
}

/** Rejects those in line when no runner will take them soon (none is ready, or the worker drains): they go back unrun. */
export class NoRunnerReady extends Error {
  constructor() {
    super('no runner of this model takes jobs now')
    this.name = 'NoRunnerReady'
  }
}

export interface AcquireOptions {
  /** How long to wait in line. Milliseconds; default: no limit. */
  patienceMs?: number
  /** Nobody else may run on that runner meanwhile. Default: as many as it takes. */
  alone?: boolean
  /** While no runner is free, one may hold it behind the run that goes on. Default: it waits in line. */
  mayHold?: boolean
  /** Who asks, for whoever looks at the slots. */
  job?: JobId
}

/** A slot as operators see it. */
export interface SlotState {
  slot: string
  /** `loading`: its runner has no loaded model now. */
  state: 'idle' | 'busy' | 'loading'
  jobs: JobId[]
}

/** What whoever waits in line has asked for. */
type Asked = Pick<AcquireOptions, 'alone' | 'mayHold' | 'job'>

/** One runner of a model, how much of it is lent, and whether it can be lent. */
class Member {
  readonly slot: string
  readonly runner: Runner
  /** Runs it takes at a time. */
  readonly #places: number
  readonly #jobs = new Set<JobId>()
  #taken = 0
  #isAlone = false
  #isWarming = false

  constructor(slot: string, runner: Runner, places: number) {
    this.slot = slot
    this.runner = runner
    this.#places = places
  }

  get taken(): number {
    return this.#taken
  }

  /** It was not ready, and nothing says yet that it is again. */
  get isWarming(): boolean {
    return this.#isWarming
  }

  /** Died while it was lent to nobody, or to few. One that is full is not ready either, so only one with a place tells. */
  get isFoundDead(): boolean {
    return !this.#isWarming && this.#taken < this.#places && !this.runner.ready
  }

  /** One more may wait in the runner itself. */
  get canHold(): boolean {
    return this.isFull && !this.#isWarming && !this.#isAlone && this.runner.canHold
  }

  /** Runs, or holds, as many as it takes at a time. */
  get isFull(): boolean {
    return this.#taken >= this.#places
  }

  fits(alone: boolean): boolean {
    return !this.#isWarming && (alone ? this.#taken === 0 : this.#taken < this.#places)
  }

  get state(): SlotState {
    const idle = this.runner.ready ? 'idle' : 'loading'
    return { slot: this.slot, state: this.#taken > 0 ? 'busy' : idle, jobs: [...this.#jobs] }
  }

  /** Takes one place, or all of them; returns the way to give them back. Only for one that `fits`, or can hold. */
  take(alone: boolean): () => void {
    const places = alone ? this.#places : 1
    this.#taken += places
    if (alone) this.#isAlone = true
    return () => {
      this.#taken -= places
      if (alone) this.#isAlone = false
    }
  }

  /** Shows that it is busy with this job; returns the end of that. */
  show(job: JobId): () => void {
    this.#jobs.add(job)
    return () => void this.#jobs.delete(job)
  }

  /** Resolves when it is ready; rejects when it never will be, or when `closing` is aborted. */
  async warm(closing: AbortSignal): Promise<void> {
    this.#isWarming = true
    await this.runner.whenReady(closing)
    closing.throwIfAborted()
    this.#isWarming = false
  }
}

/** One runner per slot of one model; who asks for a run waits in line, first come, first served. */
export class SlotPool {
  /** Of all runs that it has given a place. */
  readonly busy = new BusyClock()
  readonly #members: Member[] = []
  readonly #line = new WaitingLine<Asked, SlotLease>()
  /** The ways to take back what runners hold, the first in front. */
  readonly #held = new Set<() => boolean>()
  readonly #closing = new AbortController()
  readonly #onReadiness: () => void

  /** `onReadiness` is called after a runner became ready or was seen not to be; ask `readyCount` then. */
  constructor(onReadiness: () => void) {
    this.#onReadiness = onReadiness
  }

  /** Takes in a runner whose model is loaded, and which takes so many runs at a time. */
  add(slot: string, runner: Runner, concurrency = 1): void {
    this.#members.push(new Member(slot, runner, concurrency))
    this.#serve()
    this.#takeOver()
    this.#onReadiness()
  }

  /**
   * Resolves with a ready runner, the one with the fewest runs; rejects with the signal's reason, or with NoRunnerReady
   * when turned away or when there was no place in time: another worker may have one.
   */
  async acquire(signal: AbortSignal, { patienceMs, ...asked }: AcquireOptions = {}): Promise<SlotLease> {
    const isFirst = this.#line.isOpen && this.#line.length === 0 && !signal.aborted
    const lease = isFirst && this.#leaseFor(asked)
    if (lease) return lease
    const patience = patienceMs === undefined ? undefined : { ms: patienceMs, late: () => new NoRunnerReady() }
    const turn = this.#line.join(asked, { signal, patience, onLeave: () => this.#serve() })
    this.#serve()
    return turn
  }

  /** Runners that run or can run. Looks at each, so a runner that died idle is noticed. */
  readyCount(): number {
    this.#noticeTheDead()
    return this.#members.filter((member) => !member.isWarming).length
  }

  /** Those that were taken in. */
  get states(): SlotState[] {
    return this.#members.map(({ state }) => state)
  }

  /** Sends those in line away, once. */
  turnAway(): void {
    this.#line.refuse(new NoRunnerReady())
  }

  /** Sends all away from now on; runs that began go on. */
  drain(): void {
    this.#line.close(new NoRunnerReady())
    for (const recall of this.#held) recall()
  }

  /** No runner is taken in or watched any more. */
  close(): void {
    this.#closing.abort()
  }

  /** Whoever wants a runner alone and is first in line holds up the others: else he would wait for ever. */
  #serve(): void {
    for (let next = this.#line.first; next; next = this.#line.first) {
      const lease = this.#leaseFor(next)
      if (lease === undefined) return
      this.#line.serve(lease)
    }
  }

  /** Nobody waits for a runner that is free: it gets what another one holds. */
  #takeOver(): void {
    if (this.#line.length > 0 || this.#held.size === 0 || !this.#fitting({})) return
    for (const recall of this.#held) if (recall()) return
  }

  #leaseFor(asked: Asked): SlotLease | undefined {
    const free = this.#fitting(asked)
    if (free) return this.#lend(free, asked, false)
    const holder = asked.mayHold && !asked.alone ? this.#members.find(({ canHold }) => canHold) : undefined
    return holder && this.#lend(holder, asked, true)
  }

  /** The one with the fewest runs that can take this one. */
  #fitting({ alone = false }: Asked): Member | undefined {
    this.#noticeTheDead()
    let best: Member | undefined
    for (const one of this.#members) if (one.fits(alone) && (!best || one.taken < best.taken)) best = one
    return best
  }

  #lend(member: Member, { alone = false, job }: Asked, isHeld: boolean): SlotLease {
    const giveBack = member.take(alone)
    const show = () => {
      const [free, hide] = [this.busy.begin(), job === undefined ? undefined : member.show(job)]
      return () => {
        free()
        hide?.()
      }
    }
    let hide = isHeld ? undefined : show()
    let wayBack: (() => boolean) | undefined
    const letGo = () => void (wayBack && this.#held.delete(wayBack))
    let isReleased = false
    let hasBegun = !isHeld
    return {
      slot: member.slot,
      runner: member.runner,
      isHeld,
      begun: () => {
        letGo()
        hasBegun = true
        hide ??= show()
        this.#serve()
      },
      onFree: (recall) => {
        wayBack = recall
        this.#held.add(recall)
      },
      release: () => {
        if (isReleased) return
        isReleased = true
        letGo()
        hide?.()
        giveBack()
        if (!member.isFull && !member.runner.ready) return this.#warm(member)
        this.#serve()
        // What was taken back comes again for the runner that is free.
        if (hasBegun) this.#takeOver()
      },
    }
  }

  #noticeTheDead(): void {
    for (const member of this.#members) if (member.isFoundDead) this.#warm(member)
  }

  #warm(member: Member): void {
    if (member.isWarming) return
    member.warm(this.#closing.signal).then(
      () => {
        this.#serve()
        this.#takeOver()
        this.#onReadiness()
      },
      // Stopped for good: it stays out of the pool.
      () => undefined,
    )
    this.#onReadiness()
  }
}
