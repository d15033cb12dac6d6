/**
 * Divides the time of a process among the runs that go on in it: while four go on together, each is charged a quarter. So what the runs
 * of a batch took is, in sum, what the device was busy for. One per process that batches; each run has a meter of it.
 */

/** Measures one run. */
export interface RunMeter {
  /** What it is charged so far. Seconds. */
  readonly seconds: number
  /** It waits, or has ended: the others share its part. Safe twice. */
  pause(): void
  /** It goes on. Safe twice. */
  resume(): void
}

export class DeviceShare {
  readonly #now: () => number
  #going = 0
  /** What a run would have been charged that went on all the time. Milliseconds. */
  #charged = 0
  #since: number

  /** `now`: milliseconds since any moment. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now
    this.#since = now()
  }

  /** The meter of a run that begins. */
  begin(): RunMeter {
    let chargedMs = 0
    let goesSince: number | undefined
    const upTo = (): number => (goesSince === undefined ? 0 : this.#chargedNow() - goesSince)
    const meter: RunMeter = {
      get seconds() {
        return (chargedMs + upTo()) / 1000
      },
      pause: () => {
        chargedMs += upTo()
        if (goesSince !== undefined) this.#going -= 1
        goesSince = undefined
      },
      resume: () => {
        if (goesSince !== undefined) return
        goesSince = this.#chargedNow()
        this.#going += 1
      },
    }
    meter.resume()
    return meter
  }

  #chargedNow(): number {
    const now = this.#now()
    if (this.#going > 0) this.#charged += (now - this.#since) / this.#going
    this.#since = now
    return this.#charged
  }
}

/** The meter of a run that has its process to itself, or shares it with runs that mostly wait: all time is its own. */
export function wholeMeter(): RunMeter {
  const begun = performance.now()
  return {
    get seconds() {
      return (performance.now() - begun) / 1000
    },
    pause: () => undefined,
    resume: () => undefined,
  }
}
