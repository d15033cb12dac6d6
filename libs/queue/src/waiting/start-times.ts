/**
 * When the next, the second, the hundredth job that waits will start: the devices of a line are played through on paper, many times,
 * with run times as they were. Each play takes other run times for true, as far as those that are known leave it open. Made by
 * readPlace for what was seen of a line at one moment.
 */
import { normal, type Random, randomFrom } from './random.ts'
import type { RunTimes } from './run-times.ts'

/** Seconds until a start: as likely before as after, and before it nine times of ten. */
export interface Eta {
  p50: number
  p90: number
}

export interface Devices {
  /** Jobs that can run at once; at least 1. */
  places: number
  /** For how long each job has run that takes a place, in milliseconds; undefined where that is not known. */
  running: readonly (number | undefined)[]
  runs: RunTimes
}

const PLAYS = 100
/** Of what the runs are like; each is good for some plays. */
const GUESSES = 20
/** Starts that are played one by one; those behind them are reckoned from the mean run. */
const PLAYED = 256
/** More places are played as so many, with as many jobs less. */
const MOST_PLACES = 64
/** How far the next hour may differ from the last, for all runs together: loads change, and workers come and go. */
const DRIFT = 0.2

export class StartTimes {
  readonly #plays: Play[]
  readonly #scale: number

  constructor(devices: Devices) {
    const places = Math.min(devices.places, MOST_PLACES)
    this.#scale = devices.places / places
    const random = randomFrom(devices.places + devices.running.length)
    const shown = { ...devices, places, running: sample(devices.running, this.#scale, places) }
    const guesses = Array.from({ length: GUESSES }, () => guess(shown, random))
    this.#plays = Array.from({ length: PLAYS }, (_, i) => new Play(shown, guesses[i % GUESSES] as RunTimes, random))
  }

  /** Until the start of the job that has so many before it; of several counts each is as likely. Milliseconds. */
  after(ahead: readonly number[]): Eta {
    const times = this.#plays
      .map((play, i) =>
        play.startOf(Math.ceil((ahead[Math.floor((i * ahead.length) / PLAYS)] as number) / this.#scale)),
      )
      .sort((a, b) => a - b)
    const at = (share: number): number => times[Math.min(PLAYS - 1, Math.floor(share * PLAYS))] as number
    return { p50: at(0.5), p90: at(0.9) }
  }
}

/** One of so many, and no more than there are places. */
function sample<T>(all: readonly T[], scale: number, most: number): T[] {
  const count = Math.min(most, Math.ceil(all.length / scale))
  return Array.from({ length: count }, (_, i) => all[Math.floor(i * scale)] as T)
}

/**
 * What the runs of the line may be like, so far as is known. Those that run now are known to run for so long at least; without
 * them the longest would be missing, which have not ended yet.
 */
function guess({ runs, running }: Devices, random: Random): RunTimes {
  const likely = runs.resampled(random)
  const known = running.filter((ranMs) => ranMs !== undefined)
  return likely.with(known.map((ranMs) => ranMs + likely.drawRest(ranMs, random)))
}

class Play {
  readonly #runs: RunTimes
  readonly #random: Random
  /** The moments at which places become free, the earliest first: a heap. */
  readonly #free: number[]
  readonly #starts: number[] = []
  readonly #drift: number
  readonly #luck: number

  constructor({ places, running }: Devices, runs: RunTimes, random: Random) {
    this.#random = random
    this.#runs = runs
    this.#drift = Math.exp(DRIFT * normal(random))
    this.#luck = normal(random)
    const rests = running.map((ranMs) =>
      ranMs === undefined ? runs.drawUnknownRest(random) : runs.drawRest(ranMs, random),
    )
    this.#free = [...rests, ...Array.from({ length: Math.max(0, places - rests.length) }, () => 0)]
    this.#free.sort((a, b) => a - b)
  }

  /** Of the job that has so many before it. */
  startOf(ahead: number): number {
    const last = Math.min(ahead, PLAYED)
    while (this.#starts.length <= last) this.#start()
    const known = this.#starts[last] as number
    const beyond = ahead - last
    if (beyond === 0) return known
    const { mean, spread } = this.#runs
    const sum = beyond * mean * this.#drift + this.#luck * spread * Math.sqrt(beyond)
    return known + Math.max(0, sum) / this.#free.length
  }

  #start(): void {
    const at = this.#free[0] as number
    this.#starts.push(at)
    this.#put(at + this.#runs.draw(this.#random) * this.#drift)
  }

  /** In place of the earliest moment. */
  #put(moment: number): void {
    const free = this.#free
    let hole = 0
    for (;;) {
      const left = 2 * hole + 1
      if (left >= free.length) break
      const least = left + 1 < free.length && (free[left + 1] as number) < (free[left] as number) ? left + 1 : left
      if ((free[least] as number) >= moment) break
      free[hole] = free[least] as number
      hole = least
    }
    free[hole] = moment
  }
}
