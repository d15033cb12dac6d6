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
  /** For how long its place had been free when the model began, though as many jobs were held as were wanted. Milliseconds; 0: it was not. */
  starvedMs?: number
  /** Size of its input files together. */
  inputBytes?: number
}

export interface InFlight {
  /** Takes one finished attempt into account and returns the new target. */
  record(times: AttemptTimes): number
  /**
   * Jobs to hold at once, and those that stepped aside: from one to 8 for each place by what is usual, up to 16 where a device waited all the
   * same, as long as these are no more than 64 beside the places.
   */
  readonly target: number
  /** As many are held as are wanted. */
  readonly isFull: boolean
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
/** So many times its places a model holds by what is usual; what more it holds has to have kept a device from waiting. */
const USUAL_PER_PLACE = 8
const MOST_PER_PLACE = 16
/** Beside one for each place. */
const MOST_IN_ADVANCE = 64
/** Input files that are held in advance lie in the work folder. */
const MOST_BYTES_IN_ADVANCE = 8 * 1024 ** 3
/** By this part of what is held, and at least by one, more is held after a device waited. */
const RAISE = 0.25
/** After so many runs in a row for which no device waited, one less is held. */
const LOWER_AFTER = 200
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

export interface InFlightOptions {
  /** Runs are answered together, so while they are, all of the next ones are to be here. Default: no. */
  batches?: boolean
  /** Jobs that are held now. Default: none. */
  held?: () => number
}

/** `places`: runs at a time, over all slots. `onTarget` hears every new target. */
export function createInFlight(
  places: number,
  onTarget: (target: number) => void = () => undefined,
  { batches = false, held = () => 0 }: InFlightOptions = {},
): InFlight {
  const headroom = batches ? 1 : HEADROOM
  const spare = createSpare()
  let average: Average | undefined
  let target = places
  let aside = 0
  const sum = (): number => target + Math.min(aside, MOST_ASIDE)

  return {
    get target() {
      return sum()
    },
    get isFull() {
      return held() >= sum()
    },
    record(times) {
      average = average ? blend(average, times) : { inputBytes: 0, ...times }
      const usual = usualTarget(places, average, headroom)
      const most = mostOf(places, average)
      target = Math.min(usual + spare.after(times, { held: target, usual, most }), most)
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
      spare.drop()
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

/**
 * What is usual says nothing about how much the times differ: a store that answers late every tenth time has a device wait. So a
 * device that waited has more held from then on, as far as that goes, and less again after a long time in which none did.
 */
function createSpare() {
  let spare = 0
  let quiet = 0
  let sinceRaise = 0
  /** What was usual at the last raise. */
  let raisedAt = 0
  return {
    /** `held`: the target until now. What was raised shows only after as many more runs. `usual` and `most`: of the new one. */
    after({ starvedMs = 0, runMs }: AttemptTimes, { held, usual, most }: Bounds): number {
      sinceRaise++
      quiet++
      // The load has changed: what was learned of the former one does not hold.
      if (raisedAt >= 2 * usual) spare = raisedAt = 0
      if (starvedMs > runMs * NEGLIGIBLE) {
        quiet = 0
        if (sinceRaise >= held) {
          spare += Math.max(1, Math.round(held * RAISE))
          sinceRaise = 0
          raisedAt = usual
        }
      } else if (quiet >= LOWER_AFTER && spare > 0) {
        spare--
        quiet = 0
      }
      spare = Math.max(0, Math.min(spare, most - usual))
      return spare
    },
    drop: () => void (spare = quiet = sinceRaise = raisedAt = 0),
  }
}

interface Bounds {
  held: number
  usual: number
  most: number
}

type Average = Omit<Required<AttemptTimes>, 'starvedMs'>

function blend(old: Average, now: AttemptTimes): Average {
  const mix = (a: number, b: number) => a + WEIGHT * (b - a)
  return {
    fetchMs: mix(old.fetchMs, now.fetchMs),
    runMs: mix(old.runMs, now.runMs),
    storeMs: mix(old.storeMs, now.storeMs),
    inputBytes: mix(old.inputBytes, now.inputBytes ?? 0),
  }
}

function usualTarget(places: number, { fetchMs, runMs, storeMs }: Average, headroom: number): number {
  const run = Math.max(runMs, 0.1)
  const around = fetchMs + storeMs
  if (around < run * NEGLIGIBLE) return places
  // Rounded once for all places: a hundred of them need no second hundred for a short fetch.
  const wanted = Math.ceil(places * ((around + run) / run + headroom))
  return Math.min(Math.max(wanted, places), places * USUAL_PER_PLACE)
}

/** Whatever the times are: what is held in advance takes memory and disk, and other workers could do it. */
function mostOf(places: number, { inputBytes }: Average): number {
  const fitting =
    inputBytes > 0 ? Math.max(1, Math.floor(MOST_BYTES_IN_ADVANCE / inputBytes)) : Number.POSITIVE_INFINITY
  const usual = places * USUAL_PER_PLACE
  return Math.min(Math.max(usual, Math.min(places * MOST_PER_PLACE, places + MOST_IN_ADVANCE)), places + fitting)
}
