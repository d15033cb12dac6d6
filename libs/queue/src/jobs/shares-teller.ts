/**
 * Brings what was set for tenants into the shards: weights, and how many of their jobs may run. It goes with the first submit of
 * each model and then with one in each minute, so that a Redis that has lost it has it again; a shard that has the same already
 * only compares. Used by SubmitBatcher.
 */
import { SCRIPT_CONSTANTS } from '../scripts/contract/script-constants.ts'

/** By tenant. A tenant that is not named has weight 1, and no limit. */
export interface Shares {
  weights: Readonly<Record<string, number>>
  running: Readonly<Record<string, number>>
}

const AGAIN_MS = 60_000

export class SharesTeller {
  readonly #text: string | undefined
  /** By model, when it is to be told again. */
  readonly #again = new Map<string, number>()

  constructor(shares: Shares | undefined) {
    this.#text = shares && textOf(shares)
  }

  /** What the next submit of the model is to tell, if anything. */
  due(model: string): string | undefined {
    return (this.#again.get(model) ?? 0) <= performance.now() ? this.#text : undefined
  }

  /** A submit has been answered. */
  told(model: string): void {
    if (this.due(model) !== undefined) this.#again.set(model, performance.now() + AGAIN_MS)
  }
}

/** A line for each tenant behind the first: name, weight, limit. Read by `share_out` in submit.lua. */
function textOf({ weights, running }: Shares): string {
  const tenants = [...new Set([...Object.keys(weights), ...Object.keys(running)])].sort()
  // A tenant may be called as every object has a property.
  const of = (numbers: Shares['weights'], name: string, otherwise: number) =>
    Object.hasOwn(numbers, name) ? numbers[name] : otherwise
  const rows = tenants.map((name) => `\n${name} ${of(weights, name, 1)} ${of(running, name, SCRIPT_CONSTANTS.NEVER)}`)
  return `shares${rows.join('')}`
}
