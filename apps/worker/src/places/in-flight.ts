/**
 * How many jobs of a model to hold at once so that no device waits for the network: while one job runs, the inputs of
 * the next are fetched and the outputs of the last are stored. Follows the measured times; model-worker.ts applies it.
 */
export interface AttemptTimes {
  /** From delivery until the inputs were there, without waiting for the gate. Milliseconds. */
  fetchMs: number
  /** The model's own time on the device. Milliseconds. */
  runMs: number
  /** From the end of the run until the job was settled. Milliseconds. */
  storeMs: number
}

export interface InFlight {
  /** Takes one finished attempt into account and returns the new target. */
  record(times: AttemptTimes): number
  /** Jobs to hold at once: between `places` and `places * 8`, and those that stepped aside. */
  readonly target: number
  /** How long a held job may wait for a slot before it is better off elsewhere: a few usual attempts. Milliseconds. */
  readonly patienceMs: number
  /** Runs are so short that the next one may wait in a runner already, bound to that runner. */
  readonly mayHold: boolean
  /** A held job waited in vain: runs take longer than they used to. Back to one per place until measured again. */
  tooMany(): void
  /**
   * A held job waits for somebody else's server, for nobody knows how long: another is held in its place, so that no
   * device waits too. Returns the way back.
   */
  stepAside(): () => void
}

/** Share of the newest attempt in the moving averages. */
const WEIGHT = 0.2
const MOST_PER_PLACE = 8
/** Below this share of the run, holding a second job would gain less than it costs another idle worker. */
const NEGLIGIBLE = 0.005
/** Spare part of a job per place, so that ordinary jitter of the store does not reach the device. */
const HEADROOM = 0.2
/** Jobs of a model that may wait aside at once, whatever their servers do. */
const MOST_ASIDE = 64
/**
 * Behind longer runs the time between two of them is less than one in a hundred, and a job that waits in a runner would be bound to it
 * for long. Milliseconds, of the moving average.
 */
const LONGEST_BEFORE_HELD_MS = 250
const LEAST_PATIENCE_MS = 1000
const PATIENCE_ATTEMPTS = 4

/**
 * `places`: runs at a time, over all slots. `onTarget` hears every new target. `batches`: runs are answered together, so while they are, all
 * of the next ones are to be here.
 */
export function createInFlight(
  places: number,
  onTarget: (target: number) => void = () => undefined,
  { batches = false } = {},
): InFlight {
  const headroom = batches ? 1 : HEADROOM
  let average: AttemptTimes | undefined
  let target = places
  let aside = 0
  const sum = (): number => target + Math.min(aside, MOST_ASIDE)

  return {
    get target() {
      return sum()
    },
    record(times) {
      average = average ? blend(average, times) : times
      target = targetOf(places, average, headroom)
      onTarget(sum())
      return sum()
    },
    get patienceMs() {
      const usual = average ? average.fetchMs + average.runMs + average.storeMs : 0
      return Math.max(LEAST_PATIENCE_MS, PATIENCE_ATTEMPTS * usual)
    },
    get mayHold() {
      return average !== undefined && average.runMs <= LONGEST_BEFORE_HELD_MS
    },
    tooMany() {
      average = undefined
      target = places
      onTarget(sum())
    },
    stepAside() {
      aside++
      onTarget(sum())
      let isBack = false
      return () => {
        if (isBack) return
        isBack = true
        aside--
        onTarget(sum())
      }
    },
  }
}

function blend(old: AttemptTimes, now: AttemptTimes): AttemptTimes {
  const mix = (a: number, b: number) => a + WEIGHT * (b - a)
  return {
    fetchMs: mix(old.fetchMs, now.fetchMs),
    runMs: mix(old.runMs, now.runMs),
    storeMs: mix(old.storeMs, now.storeMs),
  }
}

function targetOf(places: number, { fetchMs, runMs, storeMs }: AttemptTimes, headroom: number): number {
  const run = Math.max(runMs, 0.1)
  const around = fetchMs + storeMs
  if (around < run * NEGLIGIBLE) return places
  // Rounded once for all places: a hundred of them need no second hundred for a short fetch.
  const wanted = Math.ceil(places * ((around + run) / run + headroom))
  return Math.min(Math.max(wanted, places), places * MOST_PER_PLACE)
}
