/**
 * The beat of a worker process: what it is and does, for operators, and the way in which their wish to drain it comes in. Made by
 * create-worker.ts. It says nothing about leases: those are renewed by the beats of the attempts.
 */
import { createLifecycle, createLoop, type Lifecycle, type Loop, settledWithin, WithLifecycle } from '@millrace/async'
import { type Log, WORKER_ENTRY, type WorkerDevice, type WorkerEntry, type WorkerModelEntry } from '@millrace/contracts'
import type { WorkerPresence } from '@millrace/queue'
import type { FaultLog } from '../fault-log.ts'
import type { DrainSwitch } from '../places/drain-switch.ts'

/** Of the process; it stays the same. */
export type WorkerSelf = Pick<WorkerEntry, 'host' | 'pid' | 'millrace_version'>

export interface WorkerBeatDeps {
  workerId: string
  self: WorkerSelf
  registry: WorkerPresence
  models: { readonly entries: WorkerModelEntry[]; readonly isDrained: boolean }
  drain: DrainSwitch
  /** What is known of the devices by now. */
  devices(): readonly WorkerDevice[]
  isStopping(): boolean
  logger: Log
  logFault: FaultLog
  /** From one beat to the next: within that time a wish is heard. Default 2000. */
  everyMs?: number | undefined
}

/** Its stop takes the worker out of the registry. */
export class WorkerBeat extends WithLifecycle {
  readonly #deps: WorkerBeatDeps
  protected readonly life: Lifecycle
  /** The newest beat; undefined when the registry never heard of this worker. */
  #telling: Promise<void> | undefined
  readonly #loop: Loop
  #onTold: () => void = () => undefined
  /** Resolves with the first beat that was heard. */
  readonly told = new Promise<void>((resolve) => (this.#onTold = resolve))

  constructor(deps: WorkerBeatDeps) {
    super()
    this.#deps = deps
    const { workerId, registry, logFault, everyMs = 2000 } = deps
    const loop = createLoop({
      round: () => (this.#telling = this.#beat()),
      everyMs,
      first: 'now',
      onFault: (error) => logFault('The worker could not tell that it is there', error),
    })
    this.#loop = loop
    this.life = createLifecycle({
      begin: () => loop.start(),
      end: async (graceMs) => {
        await loop.stop(graceMs)
        if (!this.#telling) return
        // After a beat that is under way: what was said last must be what holds.
        const leaving = this.#telling.catch(() => undefined).then(() => registry.leave(workerId))
        leaving.catch((error: unknown) => logFault('The worker could not tell that it goes', error))
        await settledWithin(leaving, graceMs)
      },
    })
  }

  /** What it tells has changed. */
  wake(): void {
    this.#loop.wake()
  }

  async #beat(): Promise<void> {
    const { workerId, registry, drain, logger } = this.#deps
    const wish = await registry.beat(workerId, this.#entry())
    this.#onTold()
    if (!drain.set(wish.drain)) return
    logger.info({}, wish.drain ? 'The worker drains: it takes nothing more' : 'The worker takes jobs again')
    await registry.beat(workerId, this.#entry())
  }

  #entry(): WorkerEntry {
    const { self, models, devices } = this.#deps
    const entries = models.entries
    const [slotsOf, jobsOf] = [atMost(WORKER_ENTRY.slots), atMost(WORKER_ENTRY.jobs)]
    const shown = entries.slice(0, WORKER_ENTRY.models).map((model) => ({
      ...model,
      slots: slotsOf(model.slots).map((slot) => ({ ...slot, jobs: jobsOf(slot.jobs) })),
      ahead: jobsOf(model.ahead),
    }))
    const held = entries.reduce((sum, model) => sum + model.held, 0)
    return { ...self, state: this.#state(), held, models: shown, devices: [...devices()] }
  }

  #state(): WorkerEntry['state'] {
    const { drain, models, isStopping } = this.#deps
    if (isStopping()) return 'stopping'
    if (!drain.isOn) return 'up'
    return models.isDrained ? 'drained' : 'draining'
  }
}

/** Cuts lists so that all of them together have so many items. */
function atMost(left: number): <T>(list: readonly T[]) => T[] {
  return (list) => {
    const kept = list.slice(0, left)
    left -= kept.length
    return kept
  }
}
