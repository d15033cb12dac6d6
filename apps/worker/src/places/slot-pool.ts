/**
 * Gives runs to the runners of one model, first come, first served. Made by the worker of a model, asked by
 * run-model.ts.
 */
import { WaitingLine } from '@millrace/async'
import type { JobId } from '@millrace/contracts'
import type { Runner } from '@millrace/host'
import { BusyClock } from './busy-clock.ts'
import { Quarantine, type QuarantineDeps } from './quarantine.ts'
import { SlotMember, type SlotState } from './slot-member.ts'

/** Jobs; more are forgotten, the oldest first. */
const MOST_SPARED = 10_000
/** It may come to the same device again before that is taken out, after two more runs. */
const MOST_TIMES_SPARED = 2

/** The right to one run on one runner. */
export interface SlotLease {
  readonly slot: string
  readonly runner: Runner
  /** Its runner is busy: it is to hold this run behind the one that goes on, by `hold`. */
  readonly isHeld: boolean
  /** For how long its place had nothing to do when it was taken. Milliseconds. */
  readonly freeMs: number
  /** The model began with it. */
  begun(): void
  /** Of a held one: called when another runner is free for it; answers whether it was taken back. */
  onFree(recall: () => boolean): void
  /**
   * Tells how a run ended that says something about its device. True: that lies at the device, and the job, which another one could do,
   * is to go back unblamed; twice at most.
   */
  judge(job: JobId, ill: boolean): boolean
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

/** What whoever waits in line has asked for. */
type Asked = Pick<AcquireOptions, 'alone' | 'mayHold' | 'job'>

/** One runner per slot of one model; who asks for a run waits in line, first come, first served. */
export class SlotPool {
  /** Of all runs that it has given a place. */
  readonly busy = new BusyClock()
  readonly #members: SlotMember[] = []
  readonly #line = new WaitingLine<Asked, SlotLease>()
  /** The ways to take back what runners hold, the first in front. */
  readonly #held = new Set<() => boolean>()
  readonly #closing = new AbortController()
  readonly #onReadiness: () => void

  readonly #quarantine: Quarantine
  /** Jobs that went back because a device was not well. */
  readonly #spared = new Map<JobId, number>()

  /** `onReadiness` is called after a runner became ready or was seen not to be; ask `readyCount` then. */
  constructor(onReadiness: () => void, quarantine?: QuarantineDeps) {
    this.#onReadiness = onReadiness
    this.#quarantine = new Quarantine(quarantine)
  }

  /** Takes in a runner whose model is loaded, and which has so many runs at a time. `batches`: it answers them in one call. */
  add(slot: string, runner: Runner, places = 1, { batches = false } = {}): void {
    this.#members.push(new SlotMember(slot, runner, { places, batches }))
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

  /** Nobody waits for a runner that is free: it gets what another one holds, which comes again at once. */
  #takeOver(): void {
    if (this.#line.length > 0 || this.#held.size === 0) return
    this.#noticeTheDead()
    let wanted = Math.max(0, ...this.#members.map(({ wanted }) => wanted))
    for (const recall of this.#held) {
      if (wanted === 0) return
      if (recall()) wanted -= 1
    }
  }

  #leaseFor(asked: Asked): SlotLease | undefined {
    const free = this.#fitting(asked)
    if (free) return this.#lend(free, asked, free.waitsForCall(asked.alone ?? false))
    const holder = asked.mayHold && !asked.alone ? this.#members.find(({ canHold }) => canHold) : undefined
    return holder && this.#lend(holder, asked, true)
  }

  /** The one with the fewest runs that can take this one. */
  #fitting({ alone = false }: Asked): SlotMember | undefined {
    this.#noticeTheDead()
    let best: SlotMember | undefined
    for (const one of this.#members) if (one.fits(alone) && (!best || isBetter(one, best))) best = one
    return best
  }

  #lend(member: SlotMember, { alone = false, job }: Asked, isHeld: boolean): SlotLease {
    const freeMs = isHeld ? 0 : member.freeMs
    const giveBack = member.take(alone)
    const show = () => {
      const [free, hide] = [member.occupy(this.busy), job === undefined ? undefined : member.show(job)]
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
    let leave: (() => void) | undefined
    return {
      slot: member.slot,
      runner: member.runner,
      isHeld,
      freeMs,
      begun: () => {
        letGo()
        hasBegun = true
        leave ??= member.begin()
        hide ??= show()
        this.#serve()
      },
      onFree: (recall) => {
        wayBack = recall
        this.#held.add(recall)
      },
      judge: (judged, ill) => this.#judge(member, judged, ill),
      release: () => {
        if (isReleased) return
        isReleased = true
        letGo()
        hide?.()
        leave?.()
        giveBack()
        if (member.isLost) return this.#warm(member)
        this.#serve()
        // What was taken back comes again for the runner that is free.
        if (hasBegun) this.#takeOver()
      },
    }
  }

  #judge(member: SlotMember, job: JobId, ill: boolean): boolean {
    const { health } = member
    const wasSuspect = health.isSuspect
    health.note(job, ill)
    if (!ill) return false
    // One whose process loads anew counts too: a model that ends its processes is seen to do so on all of them.
    const others = this.#members.filter((one) => one !== member && !one.isOut)
    const isAtFault = others.length === 0 || others.some((one) => one.health.doesBetterThan(health))
    if (isAtFault && health.isTooIll) this.#takeOut(member)
    const times = this.#spared.get(job) ?? 0
    if (!wasSuspect || times === MOST_TIMES_SPARED || !others.some((one) => one.health.mayDoBetter)) return false
    this.#spared.delete(job)
    this.#spared.set(job, times + 1)
    if (this.#spared.size > MOST_SPARED) this.#spared.delete(this.#spared.keys().next().value as JobId)
    return true
  }

  /** Until its device is well. It may be loading already, after a crash. Runs that it still has go back. */
  #takeOut(member: SlotMember): void {
    if (member.isOut) return
    member.isOut = true
    const isWell = this.#quarantine.treat(member, this.#closing.signal).then(() => {
      member.health.release()
      member.isOut = false
    })
    this.#comesBack(member.keepOut(isWell))
  }

  #noticeTheDead(): void {
    for (const member of this.#members) if (member.isLost) this.#warm(member)
  }

  #warm(member: SlotMember): void {
    if (!member.isWarming) this.#comesBack(member.warm(this.#closing.signal))
  }

  #comesBack(isBack: Promise<void>): void {
    isBack.then(
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

/** The one with fewer runs; of equals, that whose device is not suspected. */
const isBetter = (one: SlotMember, best: SlotMember): boolean =>
  one.load === best.load ? best.health.isSuspect && !one.health.isSuspect : one.load < best.load
