/**
 * The deliveries that this process has taken: tries each, keeps what came of it, and gives back what a stop breaks off.
 * Used by the dispatcher.
 */
import { createBroadcast, settledWithin } from '@millrace/async'
import type { Log } from '@millrace/contracts'
import type { LeasedDelivery, LeaseEnd, WebhookOutbox } from '@millrace/queue'
import type { FaultLog } from '../fault-log.ts'
import { newsOf, tryDelivery, type TryDeps } from './try-delivery.ts'
import { type EndHookDeps, tryEndHook } from './try-end-hook.ts'
import type { WebhookReceivers } from './webhook-receivers.ts'

export interface TriesInHandDeps extends TryDeps, Pick<EndHookDeps, 'endHook'> {
  outbox: Pick<WebhookOutbox, 'end'>
  receivers: TryDeps['receivers'] & Pick<WebhookReceivers, 'learn'>
  logger: Log
  logFault: FaultLog
  /** Hears what became of each delivery, and whether it went to the hook of the operator. */
  onEnd?: (end: LeaseEnd, afterEnd: boolean) => void
  /** How long after a fault of ours a delivery is tried again. Milliseconds. */
  faultMs: number
  /** How long a lane rests whose receiver is down. Milliseconds. */
  restMs: number
}

/** How long a stop waits for what it broke off to be given back. */
const GIVE_BACK_MS = 1000

export class TriesInHand {
  readonly #deps: TriesInHandDeps
  /** Each try in hand listens to it. */
  readonly #halt = createBroadcast()
  readonly #underWay = new Set<Promise<unknown>>()

  constructor(deps: TriesInHandDeps) {
    this.#deps = deps
  }

  /** Tries it, and keeps what came of it. Resolves with false when its whole lane rests. Never rejects. */
  async carryOut(delivery: LeasedDelivery): Promise<boolean> {
    const work = this.#tryAndKeep(delivery)
    this.#underWay.add(work)
    const goOn = await work
    this.#underWay.delete(work)
    return goOn
  }

  /** Waits for those in hand, as long as the grace allows; gives back the rest, and whatever still comes. */
  async stop(graceMs: number): Promise<void> {
    await settledWithin(Promise.all(this.#underWay), graceMs)
    this.#halt.abort()
    await settledWithin(Promise.all(this.#underWay), GIVE_BACK_MS)
  }

  async #tryAndKeep(delivery: LeasedDelivery): Promise<boolean> {
    const { outbox, onEnd, logFault } = this.#deps
    const end = await this.#try(delivery)
    try {
      await outbox.end(delivery, end)
      onEnd?.(end, delivery.afterEnd)
      await this.#learn(delivery, end)
    } catch (error) {
      logFault('What became of a webhook could not be kept; it is sent again', error, { delivery: delivery.id })
    }
    return end.outcome !== 'lane'
  }

  async #try(delivery: LeasedDelivery): Promise<LeaseEnd> {
    const { faultMs, restMs, logFault } = this.#deps
    const { signal } = this.#halt
    try {
      if (delivery.afterEnd) return await tryEndHook(this.#deps, delivery, signal)
      const end = await tryDelivery(this.#deps, delivery, signal)
      return end.outcome === 'lane' ? { ...end, delayMs: Math.min(end.delayMs, restMs) } : end
    } catch (error) {
      // Whether the receiver has it is not known: again at once, by whoever comes.
      if (signal.aborted) return { outcome: 'later', delayMs: 0 }
      logFault('A webhook could not be tried', error, { delivery: delivery.id })
      return { outcome: 'later', delayMs: faultMs }
    }
  }

  async #learn(delivery: LeasedDelivery, end: LeaseEnd): Promise<void> {
    const { receivers, logger } = this.#deps
    const news = delivery.afterEnd ? undefined : newsOf(end)
    if (!news || !(await receivers.learn(delivery, news))) return
    const { endpointId, tenant, host } = delivery
    logger.warn({ endpoint: endpointId, tenant, host, reason: news }, 'A webhook endpoint was disabled')
  }
}
