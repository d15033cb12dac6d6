/** Writes the terms of a search as a line that reads as the same terms. Called by chips and links that change a search. */
import type { SearchTerm } from './search-term.ts'
import { mayNameJob, quoted } from './split-words.ts'

export const writeSearch = (terms: readonly SearchTerm[]): string => terms.map(writeTerm).join(' ')

export function writeTerm(term: SearchTerm): string {
  if (term.is === 'job') return term.id
  if (term.is === 'label') return `${mayNameJob(term.key) ? `"${term.key}"` : quoted(term.key)}=${quoted(term.value)}`
  // Times hold a colon; the first one parts a word, and all others may stand as they are.
  const isPlain = /^[\w.,:+-]+$/.test(term.value)
  return `${term.name}:${isPlain ? term.value : quoted(term.value)}`
}
