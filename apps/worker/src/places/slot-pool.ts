/**
 * Gives runs to the runners of one model, first come, first served. Made by the worker of a model, asked by
 * run-model.ts.
 */
import { WaitingLine } from '@millrace/async'
import type { Runner } from '@millrace/host'

/** The right to one run on one runner. */
export interface SlotLease {
  readonly slot: string
  readonly runner: Runner
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
}

/** One runner per slot of one model; who asks for a run waits in line, first come, first served. */
export interface SlotPool {
  /** Takes in a runner whose model is loaded, and which takes so many runs at a time. */
  add(slot: string, runner: Runner, concurrency?: number): void
  /**
   * Resolves with a ready runner, the one with the fewest runs; rejects with the signal's reason, or with NoRunnerReady
   * when turned away or when there was no place in time: another worker may have one.
   */
  acquire(signal: AbortSignal, options?: AcquireOptions): Promise<SlotLease>
  /** Runners that run or can run. Looks at each, so a runner that died idle is noticed. */
  readyCount(): number
  /** Sends those in line away, once. */
  turnAway(): void
  /** Sends all away from now on; runs that began go on. */
  drain(): void
  /** No runner is taken in or watched any more. */
  close(): void
}

interface Member {
  slot: string
  runner: Runner
  /** Runs it takes at a time. */
  places: number
  /** Places lent. */
  taken: number
  warming: boolean
}

/** `onReadiness` is called after a runner became ready or was seen not to be; ask `readyCount` then. */
export function createSlotPool(onReadiness: () => void): SlotPool {
  const members: Member[] = []
  const line = new WaitingLine<{ alone: boolean }, SlotLease>()
  const closing = new AbortController()

  const warm = (member: Member) => {
    if (member.warming) return
    member.warming = true
    member.runner.whenReady(closing.signal).then(
      () => {
        if (closing.signal.aborted) return
        member.warming = false
        serve()
        onReadiness()
      },
      // Stopped for good: it stays out of the pool.
      () => undefined,
    )
    onReadiness()
  }

  const lease = (member: Member, alone: boolean): SlotLease => {
    const taken = alone ? member.places : 1
    member.taken += taken
    let released = false
    return {
      slot: member.slot,
      runner: member.runner,
      release() {
        if (released) return
        released = true
        member.taken -= taken
        if (!member.runner.ready) return warm(member)
        serve()
      },
    }
  }

  /** One that is full is not ready either, so only those with a place are looked at. */
  const noticeTheDead = () => {
    for (const member of members) if (member.taken < member.places && !member.runner.ready) warm(member)
  }

  /** Whoever wants a runner alone and is first in line holds up the others: else he would wait for ever. */
  const serve = () => {
    for (let next = line.first; next; next = line.first) {
      noticeTheDead()
      const { alone } = next
      const fits = ({ warming, taken, places }: Member) => !warming && (alone ? taken === 0 : taken < places)
      const [member] = members.filter(fits).sort((a, b) => a.taken - b.taken)
      if (member === undefined) return
      line.serve(lease(member, alone))
    }
  }

  const acquire = (signal: AbortSignal, { patienceMs, alone = false }: AcquireOptions = {}) => {
    const patience = patienceMs === undefined ? undefined : { ms: patienceMs, late: () => new NoRunnerReady() }
    const turn = line.join({ alone }, { signal, patience, onLeave: serve })
    serve()
    return turn
  }

  return {
    add(slot, runner, concurrency = 1) {
      members.push({ slot, runner, places: concurrency, taken: 0, warming: false })
      serve()
      onReadiness()
    },
    acquire,
    readyCount() {
      noticeTheDead()
      return members.filter((member) => !member.warming).length
    },
    turnAway: () => line.refuse(new NoRunnerReady()),
    drain: () => line.close(new NoRunnerReady()),
    close: () => closing.abort(),
  }
}
