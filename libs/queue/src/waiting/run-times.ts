/**
 * How long the runs of a line take, as a distribution to draw from: the counts that `count_run` keeps, by steps of their length.
 * Used by StartTimes.
 */
import { RUNS } from '../scripts/contract/constants/runs.ts'
import { gamma, type Random } from './random.ts'

/** Where a step begins, and where the next does. Milliseconds. */
const startOf = (step: number): number => 2 ** (step / RUNS.RUN_STEPS)
const GROWTH = startOf(1)
/** The mean length within a step that begins at 1 ms. */
const MIDDLE = (GROWTH - 1) / Math.log(GROWTH)

/** The one that is longer than the longest: by half, twice, four times. */
const beyond = (longest: number): [step: number, runs: number][] => [
  [longest + 2, 0.5],
  [longest + RUNS.RUN_STEPS, 0.25],
  [longest + 2 * RUNS.RUN_STEPS, 0.25],
]

export class RunTimes {
  /** How many runs are remembered. */
  readonly known: number
  /** The mean length. Milliseconds. */
  readonly mean: number
  /** All lengths together. */
  readonly #all: number
  /** Steps that have runs, the shortest first. */
  readonly #steps: readonly number[]
  /** Of each step, the runs up to its end. */
  readonly #upTo: readonly number[]

  constructor(runsByStep: readonly (readonly [step: number, runs: number])[]) {
    const sorted = [...runsByStep].sort(([a], [b]) => a - b)
    let sum = 0
    this.#steps = sorted.map(([step]) => step)
    this.#upTo = sorted.map(([, runs]) => (sum += runs))
    this.known = sum
    this.#all = this.#sum((length) => length)
    this.mean = this.#all / sum
  }

  /** Of the hash that Redis keeps. */
  static of(counts: Readonly<Record<string, string>>): RunTimes {
    const entries = Object.entries(counts).map(
      ([step, count]) => [Number(step), Number(count) / RUNS.RUN_WEIGHT] as const,
    )
    return new RunTimes(entries.filter(([step, runs]) => Number.isFinite(step) && runs > 0))
  }

  /** How far lengths are spread around the mean. Milliseconds. */
  get spread(): number {
    const { mean } = this
    return Math.sqrt(this.#sum((length) => (length - mean) ** 2) / this.known)
  }

  /**
   * What the runs may be like of which these are a sample: the fewer are known, the further from them. One in as many as are
   * known, and one, is longer than all of them.
   */
  resampled(random: Random): RunTimes {
    const longest = this.#steps.at(-1) ?? 0
    const counts = [...this.#steps.map((step, i) => [step, this.#runsAt(i)] as const), ...beyond(longest)]
    return new RunTimes(counts.map(([step, runs]) => [step, gamma(runs, random)]))
  }

  /** With runs of such lengths. */
  with(lengths: readonly number[]): RunTimes {
    if (lengths.length === 0) return this
    const counts = new Map(this.#steps.map((step, i) => [step, this.#runsAt(i)]))
    for (const length of lengths) {
      const step = Math.floor(RUNS.RUN_STEPS * Math.log2(Math.max(1, length)))
      counts.set(step, (counts.get(step) ?? 0) + 1)
    }
    return new RunTimes([...counts])
  }

  /** The length of a run. Milliseconds. */
  draw(random: Random): number {
    return this.#within(this.#find(random() * this.known), random)
  }

  /**
   * How much longer a run takes that has lasted so long. One that is longer than all that are known may end at any time, and may
   * as well last as long again.
   */
  drawRest(ranMs: number, random: Random): number {
    const ran = RUNS.RUN_STEPS * Math.log2(Math.max(1, ranMs))
    const first = this.#steps.findIndex((step) => step + 1 > ran)
    if (first < 0) return ranMs * random()
    // Of the step in which it is now, only the part that is longer.
    const gone = Math.max(0, ran - (this.#steps[first] as number))
    const from = (this.#upTo[first - 1] ?? 0) + this.#runsAt(first) * gone
    const i = this.#find(from + random() * (this.known - from))
    const begin = i === first ? gone : 0
    return startOf((this.#steps[i] as number) + begin + (1 - begin) * random()) - ranMs
  }

  /** The same of a run of which only that is known that it runs: a long one is met more often than a short one. */
  drawUnknownRest(random: Random): number {
    let aim = random() * this.#all
    for (let i = 0; i < this.#steps.length; i++) {
      aim -= this.#runsAt(i) * this.#lengthAt(i)
      if (aim <= 0) return this.#within(i, random) * random()
    }
    return this.draw(random)
  }

  #runsAt = (i: number): number => (this.#upTo[i] as number) - (this.#upTo[i - 1] ?? 0)
  #lengthAt = (i: number): number => startOf(this.#steps[i] as number) * MIDDLE
  #within = (i: number, random: Random): number => startOf((this.#steps[i] as number) + random())

  #sum(of: (length: number) => number): number {
    return this.#steps.reduce((sum, _, i) => sum + this.#runsAt(i) * of(this.#lengthAt(i)), 0)
  }

  /** The step in which the n-th run lies. */
  #find(n: number): number {
    let [low, high] = [0, this.#upTo.length - 1]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#upTo[middle] as number) > n) high = middle
      else low = middle + 1
    }
    return low
  }
}
