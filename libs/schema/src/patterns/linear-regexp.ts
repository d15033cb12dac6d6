/**
 * Matches patterns in time that grows with the text alone, for any pattern and any text. This matters because one stranger
 * writes a schema's patterns and another writes the texts; the engine of JavaScript takes exponential time for some pairs.
 * The pattern is read as JavaScript reads it (flag `u`), written anew in RE2's syntax, and matched by RE2JS. Called by the
 * validator and by estimates of cost.
 */
import { RegExpParser } from '@eslint-community/regexpp'
import { RE2JS } from 're2js'
import { NotLinearError } from './not-linear-error.ts'
import { type AsRe2, writeRe2 } from './write-re2.ts'

/** A pattern that tests texts. */
export interface TextTest {
  test(text: string): boolean
  /** About how many places in the pattern a match may be at. It bounds the cost of one character. */
  readonly size: number
}

/** A longer pattern is not translated, because that would take too much time and memory. Characters. */
const MAX_PATTERN = 4096
/** A repeat is written out only up to this size. */
const MAX_SIZE = 6000

/**
 * Undefined when a pattern needs a backtracking engine: back references, or looking around in the middle. Throws SyntaxError
 * when it is no pattern at all. The heavy part is made when the first text is tested.
 *
 * @param ignoreCase True: letters of ASCII match in either case. Default false.
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
