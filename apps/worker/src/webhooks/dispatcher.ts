/**
 * Sends what is owed: makes the deliveries of each event, takes those that are due for a while, tries them, and keeps how
 * it went. Runs in every worker; leases keep two from sending the same, and a crash from losing any.
 */
import type { Log } from '@millrace/contracts'
import type { LeasedDelivery, LeaseEnd, OwedEvent, WebhookOutbox } from '@millrace/queue'
import { DELIVERY_LIMITS } from '@millrace/webhooks'
import type { FaultLog } from '../fault-log.ts'
import { createBroadcast, settledWithin } from '@millrace/async'
import { newsOf, tryDelivery, type TryDeps } from './try-delivery.ts'
import type { WebhookClock } from './webhook-clock.ts'

/** Milliseconds and counts. */
export const DISPATCHER_PACE = {
  /** From one look to the next, and when a page was full. */
  pollMs: 250,
  pageMs: 5,
  /** Longer than any try. */
  leaseMs: 60_000,
  /** How long after a fault of ours a delivery is tried again. */
  faultMs: 10_000,
  /** As many as the deliverer has places for. */
  inAll: DELIVERY_LIMITS.inAll,
  perLane: DELIVERY_LIMITS.perHost,
  /** How long a lane rests whose receiver is down: little is asked for to find that out. */
  restMs: 5000,
  /** Events and lanes of one shard in one look. */
  page: 100,
  /** How often the log is cleared of what is old. */
  tidyMs: 5000,
  /** Everything that takes hours is multiplied by this. */
  timeScale: 1,
}
export type DispatcherPace = { [Name in keyof typeof DISPATCHER_PACE]: number }

export interface DispatcherDeps extends Omit<TryDeps, 'now' | 'timeScale'> {
  outbox: WebhookOutbox
  clock: WebhookClock
  /** The API as clients see it. */
  publicUrl: string
  logger: Log
  logFault: FaultLog
  /** Hears what became of each delivery that it took. */
  onEnd?: (end: LeaseEnd) => void
  pace?: Partial<DispatcherPace>
}

export interface Dispatcher {
  start(): void
  /** Takes nothing new; tries in hand may end within the grace, then they are given back. Safe twice and before start. */
  stop(graceMs: number): Promise<void>
}

type Lane = Parameters<WebhookOutbox['lease']>[0]

/** How long a stop waits for a look that is under way. */
const LOOK_MS = 1000

export function createDispatcher(deps: DispatcherDeps): Dispatcher {
  const { outbox, receivers, clock, logFault } = deps
  const pace = { ...DISPATCHER_PACE, ...deps.pace }
  const tries: TryDeps = { ...deps, now: clock.now, timeScale: pace.timeScale }
  // Each try in hand listens to it.
  const halt = createBroadcast()
  const busy = new Map<string, number>()
  const inHand = new Set<Promise<void>>()
  let taken = 0
  let stopped = false
  let timer: NodeJS.Timeout | undefined
  let round: Promise<void> | undefined
  let hungry = false
  let tidiedMs = 0
  let tidying: Promise<void> | undefined

  const hold = (lane: string, by: number) => {
    taken += by
    const held = (busy.get(lane) ?? 0) + by
    if (held > 0) busy.set(lane, held)
    else busy.delete(lane)
  }

  /** Takes what there are places for, and goes on with the lane for as long as it gives that much. */
  const serve = async (place: Lane): Promise<void> => {
    const lane = `${place.shard}${place.lane}`
    const room = Math.min(pace.perLane - (busy.get(lane) ?? 0), pace.inAll - taken)
    if (taken >= pace.inAll) hungry = true
    if (room <= 0 || stopped) return
    hold(lane, room)
    const leased = await outbox.lease(place, room, pace.leaseMs).catch((error: unknown) => {
      hold(lane, -room)
      throw error
    })
    clock.tell(leased.nowMs)
    hold(lane, leased.deliveries.length - room)
    const isMore = leased.deliveries.length === room
    for (const delivery of leased.deliveries) {
      const work = carryOut(delivery).then((goOn) => {
        inHand.delete(work)
        hold(lane, -1)
        if (stopped) return
        if (isMore && goOn) serve(place).catch((error: unknown) => logFault('A webhook lane stopped', error))
        if (hungry) plan(0)
      })
      inHand.add(work)
    }
  }

  /** False when the whole lane rests. Never rejects. */
  const carryOut = async (delivery: LeasedDelivery): Promise<boolean> => {
    let end: LeaseEnd
    try {
      end = await tryDelivery(tries, delivery, halt.signal)
      if (end.outcome === 'lane') end.delayMs = Math.min(end.delayMs, pace.restMs)
    } catch (error) {
      // Whether the receiver has it is not known: again at once, by whoever comes.
      end = { outcome: 'later', delayMs: halt.signal.aborted ? 0 : pace.faultMs }
      if (!halt.signal.aborted) logFault('A webhook could not be tried', error, { delivery: delivery.id })
    }
    try {
      await outbox.end(delivery, end)
      deps.onEnd?.(end)
      await learn(delivery, end)
    } catch (error) {
      logFault('What became of a webhook could not be kept; it is sent again', error, { delivery: delivery.id })
    }
    return end.outcome !== 'lane'
  }

  const learn = async (delivery: LeasedDelivery, end: LeaseEnd) => {
    const news = newsOf(end)
    if (!news || !(await receivers.learn(delivery, news))) return
    const { endpointId, tenant, host } = delivery
    deps.logger.warn({ endpoint: endpointId, tenant, host, reason: news }, 'A webhook endpoint was disabled')
  }

  const fanOut = async (event: OwedEvent) => {
    const { tenant, own, facts } = event
    const targets = await receivers.targets({ tenant, own, event: facts.event }, true)
    await outbox.fanOut(event, targets, deps.publicUrl)
  }

  /** True when there was so much that it should be looked again at once. */
  const look = async (): Promise<boolean> => {
    const shards = await outbox.shards()
    const events = await outbox.owed(shards, pace.page)
    await Promise.all(events.map(fanOut))
    hungry = false
    const lanes = await outbox.lanes(shards, pace.page)
    await Promise.all(lanes.map(serve))
    tidy(shards)
    // Lanes without a place stay due; whoever ends a try looks again.
    return events.length >= pace.page || (lanes.length >= pace.page && !hungry)
  }

  /** Beside the rest: there may be much to clear. */
  const tidy = (shards: readonly string[]) => {
    if (tidying || performance.now() - tidiedMs < pace.tidyMs) return
    tidiedMs = performance.now()
    tidying = outbox
      .tidy(shards)
      .catch((error: unknown) => logFault('The log of webhooks could not be cleared', error))
      .finally(() => (tidying = undefined))
  }

  const work = async () => {
    const again = await look().catch((error: unknown) => {
      logFault('Webhooks could not be looked for', error)
      return false
    })
    round = undefined
    plan(again ? pace.pageMs : pace.pollMs)
  }

  const plan = (ms: number) => {
    if (stopped || round) return
    clearTimeout(timer)
    timer = setTimeout(() => {
      round = work()
    }, ms)
  }

  return {
    start: () => plan(0),
    async stop(graceMs) {
      stopped = true
      clearTimeout(timer)
      // These give nothing out any more; with Redis away they would never end.
      await settledWithin(Promise.all([round, tidying]), Math.min(graceMs, LOOK_MS))
      if (!(await settledWithin(Promise.all(inHand), graceMs))) halt.abort()
      await settledWithin(Promise.all(inHand), 1000)
    },
  }
}
