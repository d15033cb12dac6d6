import type { Runner } from '../runners/runner.ts'

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

/** One runner per slot of one model; who asks for a run waits in line, first come, first served. */
export interface SlotPool {
  /** Takes in a runner whose model is loaded. */
  add(slot: string, runner: Runner): void
  /**
   * Resolves with a ready runner; rejects with the signal's reason, or with NoRunnerReady when turned away or when none
   * was free for `patienceMs` (default: no limit): another worker may be.
   */
  acquire(signal: AbortSignal, patienceMs?: number): Promise<SlotLease>
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
  state: 'free' | 'busy' | 'warming'
}

interface Waiter {
  admit(lease: SlotLease): void
  refuse(error: Error): void
}

/** The longest that a timer of Node can wait. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

/** `onReadiness` is called after a runner became ready or was seen not to be; ask `readyCount` then. */
export function createSlotPool(onReadiness: () => void): SlotPool {
  const members: Member[] = []
  const line: Waiter[] = []
  const closing = new AbortController()
  let draining = false

  const warm = (member: Member) => {
    member.state = 'warming'
    member.runner.whenReady(closing.signal).then(
      () => {
        if (closing.signal.aborted) return
        member.state = 'free'
        serve()
        onReadiness()
      },
      // Stopped for good: it stays out of the pool.
      () => undefined,
    )
    onReadiness()
  }

  const lease = (member: Member): SlotLease => {
    member.state = 'busy'
    let released = false
    return {
      slot: member.slot,
      runner: member.runner,
      release() {
        if (released) return
        released = true
        if (!member.runner.ready) return warm(member)
        member.state = 'free'
        serve()
      },
    }
  }

  const noticeTheDead = () => {
    for (const member of members) if (member.state === 'free' && !member.runner.ready) warm(member)
  }

  const serve = () => {
    for (const member of members) {
      if (line.length === 0) return
      if (member.state !== 'free') continue
      if (member.runner.ready) line.shift()?.admit(lease(member))
      else warm(member)
    }
  }

  const acquire = (signal: AbortSignal, patienceMs = LONGEST_TIMER_MS) =>
    new Promise<SlotLease>((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason)
      if (draining) return reject(new NoRunnerReady())
      const leave = (reason: unknown) => {
        done()
        line.splice(line.indexOf(waiter), 1)
        reject(reason)
      }
      const onAbort = () => leave(signal.reason)
      const timer = setTimeout(() => leave(new NoRunnerReady()), patienceMs)
      const done = () => {
        clearTimeout(timer)
        signal.removeEventListener('abort', onAbort)
      }
      const waiter: Waiter = {
        admit: (taken) => (done(), resolve(taken)),
        refuse: (error) => (done(), reject(error)),
      }
      signal.addEventListener('abort', onAbort, { once: true })
      line.push(waiter)
      serve()
    })

  const turnAway = () => {
    for (const waiter of line.splice(0)) waiter.refuse(new NoRunnerReady())
  }

  return {
    add(slot, runner) {
      const member: Member = { slot, runner, state: 'free' }
      members.push(member)
      serve()
      onReadiness()
    },
    acquire,
    readyCount() {
      noticeTheDead()
      return members.filter((member) => member.state !== 'warming').length
    },
    turnAway,
    drain() {
      draining = true
      turnAway()
    },
    close: () => closing.abort(),
  }
}
