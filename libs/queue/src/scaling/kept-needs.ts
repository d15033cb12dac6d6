/**
 * What a model needed a moment ago, as its shard keeps it (`needed:<asked>`): the most in each half minute, by version. All processes of the
 * API read and write the same, so a need that was greatest for a moment is kept to whoever is asked next. Called by plan-pools.ts.
 */
import { MOST_HOLD_MS } from './places-needed.ts'

const STEP_MS = 30_000

/** A field of the hash, and how many workers it says. */
export type KeptNeed = readonly [field: string, workers: number]

export class KeptNeeds {
  readonly #kept: ReadonlyMap<string, number>
  readonly #nowStep: number

  constructor(hash: Readonly<Record<string, string>>, nowMs: number) {
    this.#kept = new Map(Object.entries(hash).map(([field, workers]) => [field, Number(workers) || 0]))
    this.#nowStep = Math.floor(nowMs / STEP_MS)
  }

  /** The most that this version needed within so long, to half a minute. */
  most(version: string, withinMs: number): number {
    const first = this.#nowStep - Math.ceil(withinMs / STEP_MS)
    let most = 0
    for (let step = first; step <= this.#nowStep; step++)
      most = Math.max(most, this.#kept.get(fieldOf(step, version)) ?? 0)
    return most
  }

  /** What is to be kept of a need; undefined when as much is kept already. */
  fresh(version: string, needed: number): KeptNeed | undefined {
    const field = fieldOf(this.#nowStep, version)
    return needed > (this.#kept.get(field) ?? 0) ? [field, needed] : undefined
  }

  /** Fields that nobody asks for any more. */
  get stale(): string[] {
    const first = this.#nowStep - MOST_HOLD_MS / STEP_MS
    return [...this.#kept.keys()].filter((field) => !(Number.parseInt(field, 10) >= first))
  }
}

const fieldOf = (step: number, version: string): string => `${step} ${version}`
