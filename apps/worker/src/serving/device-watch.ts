/**
 * What is known of the devices of a worker: what they are, and of GPUs now and again how full and how busy they are. Made by
 * create-worker.ts; told with every beat, and by the worker's metrics. A machine without a driver is nothing special, and a driver that
 * hangs holds up nothing else.
 */
import { createLoop, type Loop, WithLifecycle } from '@millrace/async'
import type { WorkerDevice } from '@millrace/contracts'
import { bareDevice } from '@millrace/host'
import type { FaultLog } from '../fault-log.ts'

export interface DeviceWatchDeps {
  /** The devices of all slots. */
  devices: readonly string[]
  /** Default: nothing but their names is known. */
  look?: (() => Promise<WorkerDevice[]>) | undefined
  logFault: FaultLog
  /** From one look to the next. Milliseconds; default 15,000. */
  everyMs?: number | undefined
}

const EVERY_MS = 15_000
/** Where no GPU is used, or none answers: each look starts a process, and one that hangs stays. */
const SELDOM_MS = 600_000

export class DeviceWatch extends WithLifecycle {
  readonly #deps: DeviceWatchDeps
  #known: readonly WorkerDevice[]
  #isAnswered = false
  protected readonly life: Loop

  constructor(deps: DeviceWatchDeps) {
    super()
    this.#deps = deps
    this.#known = [...new Set(deps.devices)].map(bareDevice)
    this.life = createLoop({
      round: () => this.#look(),
      everyMs: () => (this.#isAnswered ? (deps.everyMs ?? EVERY_MS) : SELDOM_MS),
      first: 'now',
      onFault: (error) => deps.logFault('The devices could not be looked at', error),
    })
  }

  get known(): readonly WorkerDevice[] {
    return this.#known
  }

  async #look(): Promise<void> {
    const found = await this.#deps.look?.()
    if (!found) return
    const gpus = found.filter(({ device }) => device !== 'cpu')
    this.#isAnswered = gpus.some(({ name }) => name !== null)
    this.#known = found.map((one) => this.#keepName(one))
  }

  /** What a device is does not change because its driver did not answer once. */
  #keepName(found: WorkerDevice): WorkerDevice {
    const before = this.#known.find(({ device }) => device === found.device)
    if (found.name !== null || !before) return found
    return { ...before, memory_used_bytes: null, utilization: null }
  }
}
