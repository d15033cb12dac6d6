/**
 * How many jobs of a tenant may run in each model, of those that may run in all. What is wanted is given as evenly as it can be; what
 * nobody wants now is spread over all, so that the first job of a model seldom waits. Asked by ShareOut.
 */

export interface Demand {
  running: number
  queued: number
  /** Since when the first of those that wait does. Unix time in milliseconds; 0: none waits. */
  since: number
}

/** Answers a number for each model. Their sum is the cap. */
export function divideCap(cap: number, demands: readonly Demand[]): number[] {
  const wants = demands.map(({ running, queued }) => running + queued)
  const parts = demands.map(() => 0)
  // Where it does not go round, the one that has waited longest comes first: so none is passed over for ever.
  const order = [...demands.keys()].sort((a, b) => waitOf(demands[a]) - waitOf(demands[b]))
  const left = pour(cap, parts, order, (i) => wants[i] ?? 0)
  pour(left, parts, order, () => Infinity)
  return parts
}

const waitOf = (demand: Demand | undefined): number => demand?.since || Infinity

/** Fills up all parts evenly to what each may have. Answers what is left. */
function pour(amount: number, parts: number[], order: readonly number[], most: (index: number) => number): number {
  let left = amount
  let open = order.filter((i) => (parts[i] as number) < most(i))
  while (left > 0 && open.length > 0) {
    const each = Math.max(1, Math.floor(left / open.length))
    for (const i of open) {
      const part = parts[i] as number
      const more = Math.min(each, left, most(i) - part)
      parts[i] = part + more
      left -= more
    }
    open = open.filter((i) => (parts[i] as number) < most(i))
  }
  return left
}
