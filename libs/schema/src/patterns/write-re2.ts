/**
 * A pattern of JavaScript in the syntax of RE2, for linear-regexp.ts. It is written from the parsed pattern, every set of
 * characters spelled out, because the two give the same signs different meanings (`\s`, `.`, `$`, `\u`).
 */
import type { AST } from '@eslint-community/regexpp'
import { RE2JS } from 're2js'

/** The pattern needs what can't be matched in linear time. */
export class NotLinearError extends Error {}

export interface AsRe2 {
  source: string
  /** Places in it that a match may be at. */
  size: number
  /** Whether it holds a count. */
  counts?: boolean
}

/** A text fits when it fits all of the one and none of the other. */
export interface Re2Tests {
  all: AsRe2[]
  none: AsRe2[]
}

export interface WriteOptions {
  ignoreCase: boolean
  /** Largest size that is written. */
  maxSize: number
}

interface Writing extends WriteOptions {
  /** Nothing follows: what is looked for ahead may as well be matched. Default false. */
  isTail?: boolean
}

/** Throws NotLinearError. */
export function writeRe2(pattern: AST.Pattern, options: WriteOptions): Re2Tests {
  const tests: Re2Tests = { all: [], none: [] }
  const [only, ...others] = pattern.alternatives
  const elements = only && others.length === 0 ? takeLookaheads(only.elements, tests, options) : undefined
  const inTail = { ...options, isTail: true }
  const whole = elements ? sequence(elements, inTail) : alternatives(pattern.alternatives, inTail)
  return { all: [whole, ...tests.all], none: tests.none }
}

/**
 * Looking ahead from a place that is the same in every match is a test of its own: `^(?=.*\d)(?!.* ).{8,}$` is three.
 * Returns the elements without those that became one.
 */
function takeLookaheads(elements: readonly AST.Element[], tests: Re2Tests, options: WriteOptions): AST.Element[] {
  const left: AST.Element[] = []
  let isFixed = elements[0]?.type === 'Assertion' && elements[0].kind === 'start'
  for (const element of elements) {
    const isLookahead = element.type === 'Assertion' && element.kind === 'lookahead'
    if (isFixed && isLookahead) {
      const before = sequence(left, options)
      const ahead = alternatives(element.alternatives, options)
      const test = { source: `${before.source}(?:${ahead.source})`, size: before.size + ahead.size }
      ;(element.negate ? tests.none : tests.all).push(test)
    } else {
      left.push(element)
      isFixed &&= isOneCharacter(element) || (element.type === 'Assertion' && element.kind === 'start')
    }
  }
  return left
}

const isOneCharacter = ({ type }: AST.Element): boolean =>
  type === 'Character' || type === 'CharacterClass' || type === 'CharacterSet'

function alternatives(list: readonly AST.Alternative[], options: Writing): AsRe2 {
  const parts = list.map(({ elements }) => sequence(elements, options))
  return { source: parts.map(({ source }) => source).join('|'), size: sum(parts) + 1, counts: anyCounts(parts) }
}

function sequence(elements: readonly AST.Element[], options: Writing): AsRe2 {
  const last = elements.length - 1
  const parts = elements.map((element, at) => written(element, { ...options, isTail: options.isTail && at === last }))
  const size = sum(parts)
  if (size > options.maxSize) throw new NotLinearError('it is too large')
  return { source: parts.map(({ source }) => source).join(''), size, counts: anyCounts(parts) }
}

const anyCounts = (parts: readonly AsRe2[]): boolean => parts.some(({ counts }) => counts)
const sum = (parts: readonly AsRe2[]): number => parts.reduce((total, { size }) => total + size, 0)

function written(element: AST.Element, options: Writing): AsRe2 {
  switch (element.type) {
    case 'Character':
    case 'CharacterClass':
    case 'CharacterSet':
      return { source: `[${classOf(element, options)}]`, size: 1 }
    case 'Group':
    case 'CapturingGroup': {
      if (element.type === 'Group' && element.modifiers) throw new NotLinearError('it has modifiers')
      const inner = alternatives(element.alternatives, options)
      return { ...inner, source: `(?:${inner.source})` }
    }
    case 'Quantifier':
      return repeated(written(element.element, { ...options, isTail: false }), element, options)
    case 'Assertion':
      if (options.isTail && element.kind === 'lookahead' && !element.negate) {
        const ahead = alternatives(element.alternatives, options)
        return { ...ahead, source: `(?:${ahead.source})` }
      }
      return { source: assertion(element), size: 1 }
    default:
      throw new NotLinearError('it refers back')
  }
}

function assertion(element: AST.Assertion): string {
  if (element.kind === 'start') return '\\A'
  if (element.kind === 'end') return '\\z'
  if (element.kind === 'word') return element.negate ? '\\B' : '\\b'
  throw new NotLinearError('it looks around')
}

/** RE2 takes counts up to this. */
const MAX_COUNT = 1000

function repeated({ source, size, counts }: AsRe2, { min, max }: AST.Quantifier, options: WriteOptions): AsRe2 {
  const times = Number.isFinite(max) ? max : Math.max(min, 1)
  if (size * times > options.maxSize) throw new NotLinearError('it is too large')
  const one = `(?:${source})`
  const parts: string[] = []
  let [least, more] = [min, max - min]
  // Counts within counts multiply, and RE2 bounds the product: what has any inside is written out.
  const most = counts ? 1 : MAX_COUNT
  for (; least > 0; least -= most) parts.push(counted(one, Math.min(least, most)))
  if (more === Number.POSITIVE_INFINITY) parts.push(`${one}*`)
  else for (; more > 0; more -= most) parts.push(most === 1 ? `${one}?` : `${one}{0,${Math.min(more, most)}}`)
  return { source: parts.join(''), size: Math.max(1, size * times), counts: counts || times > 1 }
}

const counted = (one: string, times: number): string => (times === 1 ? one : `${one}{${times}}`)

type Range = readonly [from: number, to: number]

const LAST = 0x10ffff
const DIGITS: readonly Range[] = [[0x30, 0x39]]
const WORD: readonly Range[] = [...DIGITS, [0x41, 0x5a], [0x5f, 0x5f], [0x61, 0x7a]]
/** White space and line ends, as `\s` means them. */
const SPACE: readonly Range[] = [
  ...([
    [0x09, 0x0d],
    [0x20, 0x20],
    [0xa0, 0xa0],
    [0x1680, 0x1680],
    [0x2000, 0x200a],
  ] as const),
  ...([
    [0x2028, 0x2029],
    [0x202f, 0x202f],
    [0x205f, 0x205f],
    [0x3000, 0x3000],
    [0xfeff, 0xfeff],
  ] as const),
]
const LINE_ENDS: readonly Range[] = [
  [0x0a, 0x0a],
  [0x0d, 0x0d],
  [0x2028, 0x2029],
]

/** What stands between the brackets of a set. */
function classOf(
  element: AST.Character | AST.CharacterClass | AST.CharacterSet | AST.CharacterClassElement,
  options: WriteOptions,
): string {
  switch (element.type) {
    case 'Character':
      return spelled([[element.value, element.value]], options)
    case 'CharacterClassRange':
      return spelled([[element.min.value, element.max.value]], options)
    case 'CharacterSet':
      return setOf(element)
    case 'CharacterClass': {
      const inner = element.elements.map((one) => classOf(one, options)).join('')
      if (inner === '') return element.negate ? spell([[0, LAST]]) : `^${spell([[0, LAST]])}`
      return element.negate ? `^${inner}` : inner
    }
    default:
      throw new NotLinearError('it has sets of texts')
  }
}

function setOf(set: AST.CharacterSet): string {
  switch (set.kind) {
    case 'any':
      return spell(complement(LINE_ENDS))
    case 'digit':
      return spell(set.negate ? complement(DIGITS) : DIGITS)
    case 'word':
      return spell(set.negate ? complement(WORD) : WORD)
    case 'space':
      return spell(set.negate ? complement(SPACE) : SPACE)
    default:
      return property(set)
  }
}

/** Long names of the categories that are in use; RE2 has the short ones. */
const CATEGORIES: ReadonlyMap<string, string> = new Map([
  ...([
    ['Letter', 'L'],
    ['Lowercase_Letter', 'Ll'],
    ['Uppercase_Letter', 'Lu'],
    ['Titlecase_Letter', 'Lt'],
  ] as const),
  ...([
    ['Modifier_Letter', 'Lm'],
    ['Other_Letter', 'Lo'],
    ['Mark', 'M'],
    ['Nonspacing_Mark', 'Mn'],
  ] as const),
  ...([
    ['Number', 'N'],
    ['Decimal_Number', 'Nd'],
    ['Letter_Number', 'Nl'],
    ['Other_Number', 'No'],
  ] as const),
  ...([
    ['Punctuation', 'P'],
    ['Symbol', 'S'],
    ['Separator', 'Z'],
    ['Space_Separator', 'Zs'],
    ['Other', 'C'],
  ] as const),
])
/** Properties that RE2 does not know; zod's pattern of emoji has them. */
const EXTRA: ReadonlyMap<string, readonly Range[]> = new Map([
  ['Any', [[0, LAST]]],
  ['ASCII', [[0, 0x7f]]],
  ['Regional_Indicator', [[0x1f1e6, 0x1f1ff]]],
  [
    'Emoji_Component',
    [
      ...([[0x23, 0x23], [0x2a, 0x2a], ...DIGITS, [0x200d, 0x200d], [0x20e3, 0x20e3], [0xfe0f, 0xfe0f]] as const),
      ...([
        [0x1f1e6, 0x1f1ff],
        [0x1f3fb, 0x1f3ff],
        [0x1f9b0, 0x1f9b3],
        [0xe0020, 0xe007f],
      ] as const),
    ],
  ],
])

function property({ key, value, negate }: AST.UnicodePropertyCharacterSet): string {
  const isCategory = value === null || key === 'General_Category' || key === 'gc'
  const extra = value === null ? EXTRA.get(key) : undefined
  if (extra) return spell(negate ? complement(extra) : extra)
  const name = isCategory ? (CATEGORIES.get(value ?? key) ?? value ?? key) : value
  if ((!isCategory && key !== 'Script' && key !== 'sc') || !isKnownToRe2(name))
    throw new NotLinearError('it has a property that RE2 does not know')
  return `\\${negate ? 'P' : 'p'}{${name}}`
}

const known = new Map<string, boolean>()

function isKnownToRe2(name: string): boolean {
  let is = known.get(name)
  if (is === undefined) {
    is = compiles(`\\p{${name}}`)
    known.set(name, is)
  }
  return is
}

function compiles(source: string): boolean {
  try {
    RE2JS.compile(source)
    return true
  } catch {
    return false
  }
}

function complement(ranges: readonly Range[]): Range[] {
  const left: Range[] = []
  let next = 0
  for (const [from, to] of ranges) {
    if (from > next) left.push([next, from - 1])
    next = to + 1
  }
  if (next <= LAST) left.push([next, LAST])
  return left
}

/** With the other case of each letter, when case is ignored. */
function spelled(ranges: readonly Range[], { ignoreCase }: WriteOptions): string {
  if (!ignoreCase) return spell(ranges)
  const others = ranges.flatMap(([from, to]) => [
    ...shifted(from, to, 0x41, 0x5a, 0x20),
    ...shifted(from, to, 0x61, 0x7a, -0x20),
  ])
  return spell([...ranges, ...others])
}

function shifted(from: number, to: number, low: number, high: number, by: number): Range[] {
  const [start, end] = [Math.max(from, low), Math.min(to, high)]
  return start <= end ? [[start + by, end + by]] : []
}

const spell = (ranges: readonly Range[]): string =>
  ranges.map(([from, to]) => (from === to ? point(from) : `${point(from)}-${point(to)}`)).join('')

const point = (code: number): string => `\\x{${code.toString(16)}}`
