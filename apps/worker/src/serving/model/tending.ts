/** Keeps what a model takes and what is known of it in step with its runners. Made and started by model-service.ts. */
import { createLoop, type Loop, WithLifecycle } from '@millrace/async'
import type { Log } from '@millrace/contracts'
import type { FaultLog } from '../../fault-log.ts'
import type { DrainSwitch } from '../../places/drain-switch.ts'
import type { SlotPool } from '../../places/slot-pool.ts'
import type { HandOut } from '@millrace/queue'
import type { Presence } from './presence.ts'

export interface TendingPace {
  /** How often readiness is looked at. Default 1000 ms. */
  tendMs?: number
  /** How long claimed jobs wait for a runner to come back before they are given back. Default 30,000 ms. */
  strandedMs?: number
}

export interface TendingDeps extends TendingPace {
  /** The model's name. */
  model: string
  slots: Pick<SlotPool, 'readyCount' | 'turnAway'>
  handOut: Pick<HandOut, 'poke'>
  presence: Pick<Presence, 'show' | 'hide'>
  /** The worker is to take nothing more; see DrainSwitch. */
  drain: Pick<DrainSwitch, 'isOn'>
  logger: Log
  logFault: FaultLog
}

export class Tending extends WithLifecycle {
  readonly #deps: TendingDeps
  protected readonly life: Loop
  /** Since when no runner is ready. */
  #downSince: number | undefined
  #wasDown = true

  constructor(deps: TendingDeps) {
    super()
    this.#deps = deps
    this.life = createLoop({
      round: async () => this.#look(),
      everyMs: deps.tendMs ?? 1000,
      first: 'now',
      onFault: (error) => deps.logFault('A model could not be held back', error, { model: deps.model }),
    })
  }

  /** Looks at once: a runner became ready, or is not any more. */
  wake(): void {
    this.life.wake()
  }

  #look(): void {
    const { slots, presence, handOut, drain } = this.#deps
    if (drain.isOn) {
      presence.hide()
      // What waits for a slot has not begun: another worker may begin it now.
      slots.turnAway()
      return
    }
    const isReady = slots.readyCount() > 0
    if (isReady) presence.show()
    else presence.hide()
    if (!isReady) this.#waitForRunner()
    else if (this.#wasDown) handOut.poke()
    if (isReady) this.#downSince = undefined
    this.#wasDown = !isReady
  }

  #waitForRunner(): void {
    const { model, slots, logger, strandedMs = 30_000 } = this.#deps
    if (this.#downSince === undefined) {
      this.#downSince = performance.now()
      logger.warn({ model }, 'No runner is ready: no jobs are taken until one is')
    }
    if (performance.now() - this.#downSince > strandedMs) slots.turnAway()
  }
}
