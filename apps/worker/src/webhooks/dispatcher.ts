/**
 * Sends what is owed: makes the deliveries of each event, takes those that are due for a while, tries them, and keeps how
 * it went. Runs in every worker; leases keep two from sending the same, and a crash from losing any.
 */
import { createLifecycle, createLoop, type Lifecycle, type Loop, pause, WithLifecycle } from '@millrace/async'
import type { LeasedDelivery, OwedEvent, WebhookOutbox } from '@millrace/queue'
import { DELIVERY_LIMITS } from '@millrace/webhooks'
import { LanePlaces } from './lane-places.ts'
import { TriesInHand, type TriesInHandDeps } from './tries-in-hand.ts'
import type { WebhookClock } from './webhook-clock.ts'
import type { WebhookReceivers } from './webhook-receivers.ts'

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
  /** For how long what goes to the hook of the operator is left to workers that have it. After that there are none. */
  hooklessMs: 24 * 60 * 60 * 1000,
  /** Everything that takes hours is multiplied by this. */
  timeScale: 1,
}
export type DispatcherPace = { [Name in keyof typeof DISPATCHER_PACE]: number }

export interface DispatcherDeps extends Omit<TriesInHandDeps, 'now' | keyof DispatcherPace> {
  outbox: WebhookOutbox
  receivers: TriesInHandDeps['receivers'] & Pick<WebhookReceivers, 'targets'>
  clock: WebhookClock
  /** The API as clients see it. */
  publicUrl: string
  pace?: Partial<DispatcherPace>
}

type Lane = Parameters<WebhookOutbox['lease']>[0]

/** How long a stop waits for a look that is under way: it gives nothing out any more, and with Redis away it would not end. */
const LOOK_MS = 1000

/** A stop takes nothing new; tries in hand may end within the grace, then they are given back. */
export class Dispatcher extends WithLifecycle {
  readonly #deps: DispatcherDeps
  readonly #pace: DispatcherPace
  readonly #places: LanePlaces
  readonly #tries: TriesInHand
  readonly #looking: Loop
  protected readonly life: Lifecycle
  /** The last look left lanes without a place: whoever ends a try has one for them. */
  #isShort = false

  constructor(deps: DispatcherDeps) {
    super()
    this.#deps = deps
    this.#pace = { ...DISPATCHER_PACE, ...deps.pace }
    this.#places = new LanePlaces(this.#pace)
    this.#tries = new TriesInHand({ ...deps, ...this.#pace, now: deps.clock.now })
    this.#looking = createLoop({
      round: (stopping) => this.#round(stopping),
      everyMs: this.#pace.pollMs,
      first: 'now',
      onFault: (error) => deps.logFault('Webhooks could not be looked for', error),
    })
    // Beside the rest: there may be much to clear.
    const tidying = createLoop({
      round: async () => {
        const shards = await deps.outbox.shards()
        await deps.outbox.tidy(shards)
        if (!deps.endHook) await this.#giveUpHooks(shards)
      },
      everyMs: this.#pace.tidyMs,
      onFault: (error) => deps.logFault('The log of webhooks could not be cleared', error),
    })
    const loops = [this.#looking, tidying]
    this.life = createLifecycle({
      begin: async () => void (await Promise.all(loops.map((loop) => loop.start()))),
      end: async (graceMs) => {
        const endMs = performance.now() + graceMs
        await Promise.all(loops.map((loop) => loop.stop(Math.min(graceMs, LOOK_MS))))
        await this.#tries.stop(Math.max(0, endMs - performance.now()))
      },
    })
  }

  async #round(stopping: AbortSignal): Promise<void> {
    while ((await this.#look(stopping)) && !stopping.aborted) await pause(this.#pace.pageMs)
  }

  /**
   * True when there was so much that it should be looked again at once. An event or a lane that fails holds up no other;
   * rejects with the first such fault once all others are through.
   */
  async #look(stopping: AbortSignal): Promise<boolean> {
    const { outbox } = this.#deps
    const { page } = this.#pace
    const faults: unknown[] = []
    const keep = (error: unknown) => void faults.push(error)
    const shards = await outbox.shards()
    const events = await outbox.owed(shards, page)
    await Promise.all(events.map((event) => this.#fanOut(event).catch(keep)))
    this.#isShort = false
    const due = await outbox.lanes(shards, page)
    const lanes = due.filter(({ afterEnd }) => !afterEnd || this.#deps.endHook !== undefined)
    await Promise.all(lanes.map((lane) => this.#serve(lane, stopping).catch(keep)))
    if (faults.length > 0) throw faults[0]
    // Lanes without a place stay due; whoever ends a try looks again.
    return events.length >= page || (lanes.length >= page && !this.#isShort)
  }

  async #fanOut(event: OwedEvent): Promise<void> {
    const { outbox, receivers, publicUrl } = this.#deps
    const { tenant, own, facts } = event
    const targets = await receivers.targets({ tenant, own, event: facts.event }, true)
    await outbox.fanOut(event, targets, publicUrl)
  }

  /** Takes what there are places for, and goes on with the lane for as long as it gives that much. */
  async #serve(place: Lane, stopping: AbortSignal): Promise<void> {
    const lane = `${place.shard}${place.lane}`
    if (stopping.aborted) return
    if (this.#places.areAllTaken) this.#isShort = true
    const room = this.#places.take(lane)
    if (room === 0) return
    const deliveries = await this.#lease(place, room).catch((error: unknown) => {
      this.#places.leave(lane, room)
      throw error
    })
    this.#places.leave(lane, room - deliveries.length)
    const isMore = deliveries.length === room
    for (const delivery of deliveries) {
      void this.#tries.carryOut(delivery).then((goOn) => {
        this.#places.leave(lane, 1)
        if (isMore && goOn) this.#goOn(place, stopping)
        if (this.#isShort) this.#looking.wake()
      })
    }
  }

  async #lease(place: Lane, room: number): Promise<LeasedDelivery[]> {
    const { nowMs, deliveries } = await this.#deps.outbox.lease(place, room, this.#pace.leaseMs)
    this.#deps.clock.tell(nowMs)
    return deliveries
  }

  /** No worker has the hook any more. What is owed to it would keep its jobs from being purged for ever. */
  async #giveUpHooks(shards: readonly string[]): Promise<void> {
    const { outbox } = this.#deps
    const { page, hooklessMs, timeScale } = this.#pace
    const lanes = await outbox.lanes(shards, page, hooklessMs * timeScale)
    for (const lane of lanes.filter(({ afterEnd }) => afterEnd)) {
      const deliveries = await this.#lease(lane, page)
      await Promise.all(deliveries.map((delivery) => outbox.end(delivery, { outcome: 'skipped' })))
    }
  }

  #goOn(place: Lane, stopping: AbortSignal): void {
    this.#serve(place, stopping).catch((error: unknown) => this.#deps.logFault('A webhook lane stopped', error))
  }
}
