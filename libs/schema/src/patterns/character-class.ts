/**
 * Writes a set of characters of a JavaScript pattern in RE2's syntax, between brackets, with every range spelled out. Called
 * by write-re2.ts.
 */
import type { AST } from '@eslint-community/regexpp'
import { RE2JS } from 're2js'
import { NotLinearError } from './not-linear-error.ts'

type Range = readonly [from: number, to: number]

const LAST = 0x10ffff
const DIGITS: readonly Range[] = [[0x30, 0x39]]
const WORD: readonly Range[] = [...DIGITS, [0x41, 0x5a], [0x5f, 0x5f], [0x61, 0x7a]]
/** The white space and line ends that `\s` means in JavaScript. */
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

/** The text between the brackets of a set. */
export function characterClass(
  element: AST.Character | AST.CharacterClass | AST.CharacterSet | AST.CharacterClassElement,
  ignoreCase: boolean,
): string {
  switch (element.type) {
    case 'Character':
      return spelled([[element.value, element.value]], ignoreCase)
    case 'CharacterClassRange':
      return spelled([[element.min.value, element.max.value]], ignoreCase)
    case 'CharacterSet':
      return setOf(element)
    case 'CharacterClass': {
      const inner = element.elements.map((one) => characterClass(one, ignoreCase)).join('')
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

/** RE2 knows only the short names of Unicode categories. These are the long names in use. */
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
/** Unicode properties that RE2 does not know. zod's pattern for emoji uses them. */
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

/** Adds the other case of each letter when case is ignored. */
function spelled(ranges: readonly Range[], ignoreCase: boolean): string {
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
