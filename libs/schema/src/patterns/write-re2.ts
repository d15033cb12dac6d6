/**
 * Writes a JavaScript pattern in the syntax of RE2. It works on the parsed pattern and spells out every set of characters,
 * because the two engines give some signs different meanings (`\s`, `.`, `$`, `\u`). Called by linear-regexp.ts.
 */
import type { AST } from '@eslint-community/regexpp'
import { characterClass } from './character-class.ts'
import { NotLinearError } from './not-linear-error.ts'

export interface AsRe2 {
  source: string
  /** How many places in the pattern a match may be at. */
  size: number
  /** True when it contains a count such as `{3}`. */
  counts?: boolean
}

/** A text fits when it fits all patterns of `all` and none of `none`. */
export interface Re2Tests {
  all: AsRe2[]
  none: AsRe2[]
}

export interface WriteOptions {
  ignoreCase: boolean
  /** A larger pattern is refused. */
  maxSize: number
}

interface Writing extends WriteOptions {
  /** True when nothing follows this place. Then a lookahead at the end may be matched like any other element. Default false. */
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
 * A lookahead at a fixed place of the match becomes a test of its own: `^(?=.*\d)(?!.* ).{8,}$` becomes three tests. Returns
 * the elements that are left.
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
      return { source: `[${characterClass(element, options.ignoreCase)}]`, size: 1 }
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

/** The largest count that RE2 takes. */
const MAX_COUNT = 1000

function repeated({ source, size, counts }: AsRe2, { min, max }: AST.Quantifier, options: WriteOptions): AsRe2 {
  const times = Number.isFinite(max) ? max : Math.max(min, 1)
  if (size * times > options.maxSize) throw new NotLinearError('it is too large')
  const one = `(?:${source})`
  const parts: string[] = []
  let [least, more] = [min, max - min]
  // Nested counts multiply, and RE2 limits the product. So an element with a count inside is written out.
  const most = counts ? 1 : MAX_COUNT
  for (; least > 0; least -= most) parts.push(counted(one, Math.min(least, most)))
  if (more === Number.POSITIVE_INFINITY) parts.push(`${one}*`)
  else for (; more > 0; more -= most) parts.push(most === 1 ? `${one}?` : `${one}{0,${Math.min(more, most)}}`)
  return { source: parts.join(''), size: Math.max(1, size * times), counts: counts || times > 1 }
}

const counted = (one: string, times: number): string => (times === 1 ? one : `${one}{${times}}`)
