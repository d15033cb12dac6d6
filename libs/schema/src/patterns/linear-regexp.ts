/**
 * Patterns that are matched in time that grows with the text alone, whatever the pattern and the text. A schema's patterns
 * are written by one stranger and the texts by another; the engine of the language takes exponential time for some pairs.
 * RE2JS does the matching; the pattern is read as the language reads it (`u`) and written anew in RE2's syntax.
 */
import { RegExpParser } from '@eslint-community/regexpp'
import { RE2JS } from 're2js'
import { NotLinearError } from './not-linear-error.ts'
import { type AsRe2, writeRe2 } from './write-re2.ts'

/** A pattern as a test of texts. */
export interface TextTest {
  test(text: string): boolean
  /** About the number of places in the pattern that a match may be at: what one character costs at most. */
  readonly size: number
}

/** Longer patterns are not translated: they would take long to translate, and memory. */
const MAX_PATTERN = 4096
/** Repeats are written out up to so many places. */
const MAX_SIZE = 6000

/**
 * Undefined when a pattern needs what only a backtracking engine has: references back, looking around in the middle.
 * Throws SyntaxError when it is no pattern at all. What is heavy in it is made by the first test.
 *
 * @param ignoreCase Letters of ASCII match in either case. Default false.
 */
export function linearRegExp(pattern: string, ignoreCase = false): TextTest | undefined {
  if (pattern.length > MAX_PATTERN) return undefined
  const parsed = new RegExpParser({ ecmaVersion: 2024 }).parsePattern(pattern, undefined, undefined, { unicode: true })
  try {
    const { all, none } = writeRe2(parsed, { ignoreCase, maxSize: MAX_SIZE })
    let made: { must: RE2JS[]; never: RE2JS[] } | undefined
    return {
      test(text) {
        made ??= { must: all.map(compile), never: none.map(compile) }
        return made.must.every((one) => one.test(text)) && !made.never.some((one) => one.test(text))
      },
      size: [...all, ...none].reduce((sum, { size }) => sum + size, 0),
    }
  } catch (error) {
    if (error instanceof NotLinearError) return undefined
    throw error
  }
}

const compile = ({ source }: AsRe2): RE2JS => RE2JS.compile(source)
