/** Whether a model's entry in the registry shows, as this worker keeps it. Made by model-service.ts. */
import { createLifecycle, createLoop, type Lifecycle, settledWithin, WithLifecycle } from '@millrace/async'
import type { Manifest } from '@millrace/contracts'
import type { ModelPublisher, WorkerMeasures } from '@millrace/queue'
import type { FaultLog } from '../../fault-log.ts'

export interface PresenceDeps {
  registry: ModelPublisher
  manifest: Manifest
  workerId: string
  /** Jobs of the model that this worker can run at once. */
  places: number
  /** What is told with it, measured anew each time. Default: nothing. */
  measure?: () => WorkerMeasures
  /** Hears whether something waits that this worker could be given; false when that is not known. */
  onWaits?: (waits: boolean) => void
  logFault: FaultLog
  /** From one publishing to the next. Default 5000; the registry forgets a worker that was not seen for 15 s. */
  everyMs?: number | undefined
}

/** Tells the registry one thing at a time, in order. Its stop withdraws the model. */
export class Presence extends WithLifecycle {
  readonly #deps: PresenceDeps
  protected readonly life: Lifecycle
  readonly #wake: () => void
  #isWanted = false
  /** The registry knew it once. */
  #wasShown = false
  /** The registry may know it. */
  #isKnown = false
  /** What the registry is being told. Never rejects. */
  #telling: Promise<void> = Promise.resolve()

  constructor(deps: PresenceDeps) {
    super()
    this.#deps = deps
    const { logFault, manifest, everyMs = 5000 } = deps
    const loop = createLoop({
      round: () => this.#tell(),
      everyMs,
      first: 'now',
      onFault: (error) => logFault('The presence of a model could not be told', error, { model: manifest.name }),
    })
    this.#wake = () => loop.wake()
    this.life = createLifecycle({
      begin: () => loop.start(),
      end: async (graceMs) => {
        this.#isWanted = false
        await Promise.all([loop.stop(graceMs), settledWithin(this.#tell(), graceMs)])
      },
    })
  }

  /** It was published at least once. */
  get wasShown(): boolean {
    return this.#wasShown
  }

  /** Publishes, and again and again from now on. */
  show(): void {
    this.#want(true)
  }

  /** Withdraws, if it was published. */
  hide(): void {
    this.#want(false)
  }

  #want(isWanted: boolean): void {
    if (this.#isWanted === isWanted) return
    this.#isWanted = isWanted
    this.#wake()
  }

  /** After what is under way, since Redis may be away: what was said last must be what holds. */
  #tell(): Promise<void> {
    this.#telling = this.#telling.then(() => (this.#isWanted ? this.#publish() : this.#withdraw()))
    return this.#telling
  }

  async #publish(): Promise<void> {
    const { registry, manifest, workerId, places, measure, onWaits, logFault } = this.#deps
    this.#isKnown = true
    try {
      const waits = await registry.publish(manifest, workerId, places, measure?.())
      this.#wasShown = true
      onWaits?.(waits)
    } catch (error) {
      logFault('A model could not be published', error, { model: manifest.name })
      onWaits?.(false)
    }
  }

  async #withdraw(): Promise<void> {
    const { registry, manifest, workerId, logFault } = this.#deps
    if (!this.#isKnown) return
    this.#isKnown = false
    await registry
      .withdraw(manifest, workerId)
      .catch((error: unknown) => logFault('A model could not be withdrawn', error, { model: manifest.name }))
  }
}
