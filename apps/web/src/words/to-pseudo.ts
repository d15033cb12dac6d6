/** Makes of a table of words one that nobody takes for English, so that a test sees what is not in the table. Called by words.ts. */
const LETTERS: Record<string, string> = {
  a: 'ä',
  e: 'ë',
  i: 'ï',
  o: 'ö',
  u: 'ü',
  A: 'Ä',
  E: 'Ë',
  I: 'Ï',
  O: 'Ö',
  U: 'Ü',
}

/** The same table; each text stands in brackets. */
export function toPseudo<Table>(table: Table): Table {
  return changed(table) as Table
}

function changed(entry: unknown): unknown {
  if (typeof entry === 'string') return `⟦${entry.replaceAll(/[aeiou]/gi, (letter) => LETTERS[letter] ?? letter)}⟧`
  if (typeof entry === 'function') return (...given: unknown[]) => changed(entry(...given))
  if (Array.isArray(entry)) return entry.map(changed)
  if (typeof entry !== 'object' || entry === null) return entry
  return Object.fromEntries(Object.entries(entry).map(([name, value]) => [name, changed(value)]))
}
