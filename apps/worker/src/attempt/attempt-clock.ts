/**
 * What one attempt measures of itself: how long its inputs took to come and its model to run, and on what it ran. Each step tells
 * it where it is; the end of the attempt is reported from it. By the monotonic clock.
 */

/** How long the parts of a job took that count for the next one. Milliseconds. */
export interface MeasuredTimes {
  fetchMs: number
  runMs: number
  storeMs: number
  /** See AttemptTimes. */
  starvedMs: number
}

export class AttemptClock {
  readonly #startedMs: number
  #linksMs = 0
  #fetchMs: number | undefined
  #fetchedMs: number | undefined
  #runStartedMs: number | undefined
  #runEndedMs: number | undefined
  #device: string | undefined
  #starvedMs = 0
  #chargedMs: number | undefined

  /** `startedMs`: when the gate was passed. */
  constructor(startedMs: number) {
    this.#startedMs = startedMs
  }

  /** Files that the input names by address were fetched for so long. */
  linksTook(linksMs: number): void {
    this.#linksMs = linksMs
  }

  /** All inputs are here. How long others took to serve an address says nothing about the next job. */
  inputsCame(): void {
    this.#fetchedMs = performance.now() - this.#startedMs
    this.#fetchMs = this.#fetchedMs - this.#linksMs
  }

  /** The same, where nothing had to be fetched. */
  inputsWereHere(): void {
    this.#fetchMs = performance.now() - this.#startedMs
  }

  /** `device`: what the model runs on. `starvedMs`: see AttemptTimes. */
  runBegan(device: string, starvedMs = 0): void {
    this.#runStartedMs = performance.now()
    this.#device = device
    this.#starvedMs = starvedMs
  }

  /** `chargedSeconds`: its part of the time of the device, which is less than its run took if others were answered with it. */
  runEnded(chargedSeconds?: number): void {
    this.#chargedMs = chargedSeconds === undefined ? undefined : chargedSeconds * 1000
    this.#runEndedMs = performance.now()
  }

  get hasBegunToRun(): boolean {
    return this.#runStartedMs !== undefined
  }

  /** How long it was here before its model began. Undefined as long as that has not. */
  get waitedMs(): number | undefined {
    return this.#runStartedMs === undefined ? undefined : this.#runStartedMs - this.#startedMs
  }

  /** How long its inputs took to come, from wherever. Undefined as long as they have not, and when nothing was fetched. */
  get fetchedMs(): number | undefined {
    return this.#fetchedMs
  }

  /** What its model ran on. Undefined as long as that has not begun. */
  get device(): string | undefined {
    return this.#device
  }

  /** What it used of a device. Undefined when the model did not run, or not to its end. */
  get deviceMs(): number | undefined {
    const { runMs } = this
    return runMs === undefined ? undefined : Math.min(runMs, this.#chargedMs ?? runMs)
  }

  /** Undefined when the model did not run, or not to its end. */
  get runMs(): number | undefined {
    if (this.#runStartedMs === undefined || this.#runEndedMs === undefined) return undefined
    return this.#runEndedMs - this.#runStartedMs
  }

  /** Asked when the attempt is over; undefined when it did not come as far as the end of its run. */
  measured(): MeasuredTimes | undefined {
    const { runMs } = this
    if (this.#fetchMs === undefined || runMs === undefined || this.#runEndedMs === undefined) return undefined
    const storeMs = performance.now() - this.#runEndedMs
    return { fetchMs: this.#fetchMs, runMs, storeMs, starvedMs: this.#starvedMs }
  }
}
