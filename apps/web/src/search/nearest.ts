/** Finds the word that somebody probably meant. Called by read-search.ts. */

/** The known word with the fewest letters that differ, at most `most`; undefined when none comes that near, or two do. */
export function nearest<Known extends string>(word: string, known: readonly Known[], most: number): Known | undefined {
  if (word === '' || word.length > 40) return undefined
  // Of a short word everything is near.
  const limit = Math.min(most, Math.floor(word.length / 3))
  const ranked = known
    .map((one) => ({ one, steps: one.startsWith(word) && word.length > 2 ? 0.5 : distance(word, one) }))
    .filter(({ steps }) => steps <= limit)
    .sort((a, b) => a.steps - b.steps)
  const [best, next] = ranked
  return best && (!next || next.steps > best.steps) ? best.one : undefined
}

/** How many letters must be put in, taken out or changed. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(change, (row[j] as number) + 1, (next[j - 1] as number) + 1))
    }
    row = next
  }
  return row[b.length] as number
}
