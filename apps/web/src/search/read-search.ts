/**
 * Reads a search line. What it does not understand is a fault that names the word it is about, with what was probably meant, and
 * never a guess: a search that is half understood would show the wrong jobs. Called by the screens of jobs and failures.
 */
import { nearest } from './nearest.ts'
import { readTime } from './read-time.ts'
import { CODES, CONDITIONS, type Condition, KINDS, type SearchTerm, STATUSES } from './search-term.ts'
import { mayNameJob, quoted, splitWords, type Word } from './split-words.ts'

/**
 * `unclosed`: a quote has no end. `unknown_name`: there is no such condition. `no_value`: nothing stands behind the sign.
 * `not_a_value`: the condition takes no such value. `twice`: it stands there already. `word`: a bare word. `not_alone`: the id of a
 * job means that job, whatever else is asked. `never`: the time ends before it begins.
 */
export type FaultKind =
  | 'unclosed'
  | 'unknown_name'
  | 'no_value'
  | 'not_a_value'
  | 'twice'
  | 'word'
  | 'not_alone'
  | 'never'

export interface SearchFault {
  why: FaultKind
  /** The word as it was written. */
  word: string
  /** The condition that it is about, if it is about one. */
  name?: Condition
  /** What was probably meant: it can stand in place of the word. */
  instead?: string
}

export interface ReadTerm {
  term: SearchTerm
  /** Where it stands in the line. */
  from: number
  to: number
}

export interface ReadSearch {
  terms: ReadTerm[]
  faults: SearchFault[]
}

const JOB_ID = /job_[0-9a-hjkmnp-tv-z]{34}(?![0-9a-z])/

export function readSearch(line: string, nowMs: number): ReadSearch {
  const read: ReadSearch = { terms: [], faults: [] }
  // An address or a line of a log that holds an id means that job.
  const id = JOB_ID.exec(line)?.[0]
  const words = splitWords(line)
  if (id !== undefined && !words.some(isCondition)) {
    read.terms.push({ term: { is: 'job', id }, from: 0, to: line.length })
    return read
  }
  for (const word of words) {
    const { from, to } = word
    const found = readWord(word, line.slice(from, to), nowMs)
    if ('why' in found) read.faults.push(found)
    else read.terms.push({ term: found, from, to })
  }
  read.faults.push(...faultsOfAll(read.terms, line, nowMs))
  return read
}

const isName = (text: string): text is Condition => (CONDITIONS as readonly string[]).includes(text)

const isCondition = ({ sign, left, right }: Word): boolean =>
  (sign === ':' && isName(left.text.toLowerCase())) ||
  (sign === '=' && (left.isQuoted || !JOB_ID.test(right.text) || !mayNameJob(left.text)))

function readWord(word: Word, text: string, nowMs: number): SearchTerm | SearchFault {
  const { left, sign, right } = word
  if (word.isOpen) return { why: 'unclosed', word: text, instead: `${text}"` }
  if (sign === '') return bareWord(left.text, text)
  if (sign === '=') {
    if (left.text === '' || (right.text === '' && !right.isQuoted)) return { why: 'no_value', word: text }
    return { is: 'label', key: left.text, value: right.text }
  }
  const name = left.text.toLowerCase()
  if (!isName(name)) return unknownName(left.text, right.text, text)
  if (right.text === '') return { why: 'no_value', word: text, name }
  const instead = faultOfValue(name, right.text, nowMs)
  if (instead === undefined) return { is: 'condition', name, value: right.text }
  return { why: 'not_a_value', word: text, name, ...(instead !== '' && { instead: `${name}:${quoted(instead)}` }) }
}

function bareWord(word: string, text: string): SearchTerm | SearchFault {
  const lower = word.toLowerCase()
  if (JOB_ID.test(word)) return { is: 'job', id: (JOB_ID.exec(word) as RegExpExecArray)[0] }
  const status = nearest(lower, STATUSES, 1)
  if (status !== undefined) return { why: 'word', word: text, instead: `status:${status}` }
  const code = nearest(lower, CODES, 1)
  if (code !== undefined) return { why: 'word', word: text, instead: `code:${code}` }
  const isModel = /^[a-z][a-z0-9-]{0,62}$/.test(word)
  return { why: 'word', word: text, ...(isModel && { instead: `model:${word}` }) }
}

function unknownName(name: string, value: string, text: string): SearchFault {
  const meant = nearest(name.toLowerCase(), CONDITIONS, 2)
  return {
    why: 'unknown_name',
    word: text,
    instead: meant ? `${meant}:${quoted(value)}` : `${quoted(name)}=${quoted(value)}`,
  }
}

/** Undefined when the value is one that the condition takes; else what was probably meant, or ''. */
function faultOfValue(name: Condition, value: string, nowMs: number): string | undefined {
  switch (name) {
    case 'status':
      return faultOfStatuses(value)
    case 'code':
      return faultOf(value, CODES)
    case 'kind':
      return faultOf(value, KINDS)
    case 'model':
      return /^[a-z][a-z0-9-]{0,62}$/.test(value) ? undefined : ''
    case 'failure':
      return /^fail_[0-9a-hjkmnp-tv-z]{26}$/.test(value) ? undefined : ''
    case 'version':
      return value.length <= 64 ? undefined : ''
    case 'worker':
    case 'device':
      return value.length <= 200 ? undefined : ''
    default:
      return readTime(value, nowMs) === undefined ? '' : undefined
  }
}

const faultOf = (value: string, known: readonly string[]): string | undefined =>
  known.includes(value) ? undefined : (nearest(value.toLowerCase(), known, 3) ?? '')

function faultOfStatuses(value: string): string | undefined {
  const given = value.split(',')
  if (given.every((one) => (STATUSES as readonly string[]).includes(one))) return undefined
  const meant = given.map((one) => nearest(one.trim().toLowerCase(), STATUSES, 3))
  return meant.includes(undefined) ? '' : [...new Set(meant)].join(',')
}

/** What is wrong although each word is right. Several conditions on the status are one list. */
function faultsOfAll(terms: readonly ReadTerm[], line: string, nowMs: number): SearchFault[] {
  const faults: SearchFault[] = []
  const seen = new Set<string>()
  for (const { term, from, to } of terms) {
    const word = line.slice(from, to)
    if (term.is === 'job') {
      faults.push({ why: 'not_alone', word, instead: term.id })
      continue
    }
    const name = term.is === 'label' ? `${term.key}=` : term.name
    if (name !== 'status' && seen.has(name))
      faults.push({ why: 'twice', word, ...(term.is === 'condition' && { name: term.name }) })
    seen.add(name)
  }
  for (const end of ['until', 'ended-until'] as const) {
    const span = (['since', 'until'] as const).map((edge) => valueOf(terms, end.replace('until', edge), nowMs))
    const [since = Number.NEGATIVE_INFINITY, until = Number.POSITIVE_INFINITY] = span
    if (since > until) faults.push({ why: 'never', word: wordOf(terms, end, line), name: end })
  }
  return faults
}

const find = (terms: readonly ReadTerm[], name: string): ReadTerm | undefined =>
  terms.find(({ term }) => term.is === 'condition' && term.name === name)

const valueOf = (terms: readonly ReadTerm[], name: string, nowMs: number): number | undefined => {
  const term = find(terms, name)?.term
  return term?.is === 'condition' ? readTime(term.value, nowMs) : undefined
}

const wordOf = (terms: readonly ReadTerm[], name: string, line: string): string => {
  const found = find(terms, name)
  return found ? line.slice(found.from, found.to) : ''
}
