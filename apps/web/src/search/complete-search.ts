/** What can be written next at a place in a search line: names of conditions, and the values that are known of them. Called by the search box. */
import { CODES, CONDITIONS, type Condition, KINDS, STATUSES } from './search-term.ts'
import { quoted, splitWords, type Word } from './split-words.ts'

/** What the page has seen so far, for completion alone: values that nobody has seen can be searched as well. */
export type KnownValues = Partial<Record<Condition, readonly string[]>> & {
  /** Values of labels by their key. */
  labels?: ReadonlyMap<string, readonly string[]>
}

export interface Completion {
  /** The part of the line that is replaced. */
  from: number
  to: number
  options: string[]
}

const MOST = 8
const AGO = ['15m', '1h', '6h', '1d', '7d']

export function completeSearch(line: string, caret: number, known: KnownValues): Completion {
  const word = splitWords(line).find(({ from, to }) => from < caret && caret <= to)
  if (!word) return { from: caret, to: caret, options: namesFor('', known) }
  if (word.sign === '' || caret < word.rightFrom) {
    const typed = word.left.text.slice(0, caret - word.from)
    const to = word.sign === '' ? word.to : word.rightFrom
    return { from: word.from, to, options: word.sign === '' ? startsFor(typed, known) : namesFor(typed, known) }
  }
  return valuesFor(word, line, caret, known)
}

const begins = (typed: string, known: readonly string[]): string[] =>
  known.filter((one) => one.toLowerCase().startsWith(typed.toLowerCase()) && one !== typed).slice(0, MOST)

const namesFor = (typed: string, { labels }: KnownValues): string[] => [
  ...begins(typed, CONDITIONS).map((name) => `${name}:`),
  ...begins(typed, [...(labels?.keys() ?? [])]).map((key) => `${quoted(key)}=`),
]

/** A name, or a value whose name goes without saying: `fail` is a status. */
function startsFor(typed: string, known: KnownValues): string[] {
  const values = (['status', 'model', 'code'] as const).flatMap((name) =>
    begins(typed, knownOf(name, known)).map((value) => `${name}:${value}`),
  )
  return [...namesFor(typed, known), ...values].slice(0, MOST)
}

function valuesFor(
  { left, sign, rightFrom, to, right }: Word,
  line: string,
  caret: number,
  known: KnownValues,
): Completion {
  if (sign === '=') {
    return { from: rightFrom, to, options: begins(right.text, known.labels?.get(left.text) ?? []).map(quoted) }
  }
  const name = left.text.toLowerCase() as Condition
  if (name !== 'status')
    return { from: rightFrom, to, options: begins(right.text, knownOf(name, known)).map(valueText) }
  const typed = line.slice(rightFrom, caret)
  const comma = typed.lastIndexOf(',') + 1
  const others = line.slice(rightFrom, to).split(',')
  const options = begins(typed.slice(comma), STATUSES).filter((one) => !others.includes(one))
  return { from: rightFrom + comma, to: caret, options }
}

const valueText = (value: string): string => (/^[\w.,:+-]+$/.test(value) ? value : quoted(value))

function knownOf(name: Condition, known: KnownValues): readonly string[] {
  if (name === 'status') return STATUSES
  if (name === 'code') return CODES
  if (name === 'kind') return KINDS
  return known[name] ?? (name.endsWith('since') || name.endsWith('until') ? AGO : [])
}
