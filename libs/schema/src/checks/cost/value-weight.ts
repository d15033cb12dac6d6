/**
 * Measures how much there is to check in a value. It stops as soon as the answer is clear, so it costs no more than the
 * check itself. Called before a check, to choose where it runs.
 */

export interface ValueCost {
  perValue: number
  perCharacter: number
}

/** True when a check of the value costs at most `most`. Each value, key and character counts. */
export function costsAtMost(most: number, value: unknown, { perValue, perCharacter }: ValueCost): boolean {
  const left: unknown[] = [value]
  let cost = 0
  while (left.length > 0) {
    const next = left.pop()
    cost += perValue
    if (typeof next === 'string') cost += next.length * perCharacter
    if (typeof next === 'object' && next !== null) {
      // Values that still wait count too. Otherwise a long list would be copied only to find out that it is too long.
      const items = Array.isArray(next) ? next : Object.keys(next)
      if (cost + (items.length + left.length) * perValue > most) return false
      if (Array.isArray(next)) for (const item of next) left.push(item)
      else {
        for (const key of items as string[]) {
          cost += key.length * perCharacter
          left.push((next as Record<string, unknown>)[key])
        }
      }
    }
    if (cost > most) return false
  }
  return true
}

/** About how much memory a value takes, in bytes. */
export function weightOf(value: unknown): number {
  const left: unknown[] = [value]
  let weight = 0
  while (left.length > 0) {
    const next = left.pop()
    weight += 32
    if (typeof next === 'string') weight += next.length
    else if (typeof next === 'object' && next !== null) {
      for (const [key, item] of Object.entries(next)) {
        weight += key.length
        left.push(item)
      }
    }
  }
  return weight
}

/** All texts in a value. Each text is named once. */
export function textsIn(value: unknown): Set<string> {
  const texts = new Set<string>()
  const left: unknown[] = [value]
  while (left.length > 0) {
    const next = left.pop()
    if (typeof next === 'string') texts.add(next)
    else if (typeof next === 'object' && next !== null) for (const item of Object.values(next)) left.push(item)
  }
  return texts
}
