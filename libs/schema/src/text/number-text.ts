/**
 * The keyword `x-number-text`: which texts stand for a number. Conventions of Python take "3" for 3, and what they take is
 * what Python reads: a schema that only allowed texts would let "lots" in. Called by whoever checks an input.
 */

export const NUMBER_TEXT_KEYWORD = 'x-number-text'

/** Value of the keyword. It is about texts, and about true and false, which are 1 and 0; all other values pass. */
export interface NumberText {
  /**
   * As Python's `int`, `float` or `Decimal` reads a text; `whole`: as `int`, or with a point if nothing is behind it.
   */
  reads: 'int' | 'whole' | 'float' | 'decimal'
  /** Whether infinities and NaN are refused. Default false. */
  finite?: boolean
  /** What parts a text that lists several numbers. Default: it is one. */
  split?: string
  minimum?: number
  maximum?: number
  exclusiveMinimum?: number
  exclusiveMaximum?: number
  enum?: unknown[]
}

export interface NumberTextFault {
  /** The keyword of JSON Schema that says the same of a number. */
  code: string
  message: string
}

/** What is wrong with a value by this rule; undefined when nothing is. Never repeats the value. */
export function numberTextFault(rule: NumberText, value: unknown): NumberTextFault | undefined {
  if (typeof value === 'boolean') return limitFault(rule, value ? 1 : 0)
  if (typeof value !== 'string') return undefined
  const texts = rule.split === undefined ? [value] : value.split(rule.split)
  for (const text of texts) {
    const number = READERS[rule.reads](text)
    const isNumber = number !== undefined && (!rule.finite || isFinite(number))
    const fault = isNumber ? limitFault(rule, number) : { code: 'type', message: NEEDED[rule.reads] }
    if (fault) return fault
  }
  return undefined
}

const NEEDED = {
  int: 'must be integer, or the text of one',
  whole: 'must be integer, or the text of one',
  float: 'must be number, or the text of one',
  decimal: 'must be number, or the text of one',
} as const

type Read = bigint | number

/** Infinity stands for a decimal that is larger than any double. */
const isFinite = (number: Read): boolean => typeof number === 'bigint' || Number.isFinite(number)

function limitFault(rule: NumberText, number: Read): NumberTextFault | undefined {
  const { minimum, maximum, exclusiveMinimum: above, exclusiveMaximum: below, enum: choices } = rule
  // As Python compares: nothing is true of NaN.
  if (minimum !== undefined && !(number >= minimum)) return limit('minimum', `>= ${minimum}`)
  if (maximum !== undefined && !(number <= maximum)) return limit('maximum', `<= ${maximum}`)
  if (above !== undefined && !(number > above)) return limit('exclusiveMinimum', `> ${above}`)
  if (below !== undefined && !(number < below)) return limit('exclusiveMaximum', `< ${below}`)
  if (choices && !choices.some((choice) => choice === Number(number)))
    return limit('enum', `one of ${JSON.stringify(choices)}`)
  return undefined
}

const limit = (code: string, what: string): NumberTextFault => ({ code, message: `must be ${what}` })

/** What Python takes for white space; `int` and `float` leave four old separators out. */
const SPACE = String.raw`\t-\r\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000`
const SPACES = {
  few: new RegExp(`[${SPACE}]`),
  all: new RegExp(`[\\x1c-\\x1f${SPACE}]`),
}

/** Not by one expression: on a text of spaces that takes time by the square of its length. */
function stripped(text: string, space: RegExp): string {
  let [start, end] = [0, text.length]
  while (start < end && space.test(text[start] as string)) start++
  while (end > start && space.test(text[end - 1] as string)) end--
  return text.slice(start, end)
}

const WHOLE = /^[+-]?\p{Nd}+(?:_\p{Nd}+)*$/u
const DIGITS = String.raw`\p{Nd}+(?:_\p{Nd}+)*`
const FLOAT = new RegExp(String.raw`^[+-]?(?:${DIGITS}(?:\.(?:${DIGITS})?)?|\.${DIGITS})(?:[eE][+-]?${DIGITS})?$`, 'u')
const DECIMAL = /^[+-]?(?:\p{Nd}+(?:\.\p{Nd}*)?|\.\p{Nd}+)(?:[eE][+-]?\p{Nd}+)?$/u
const INFINITE = /^([+-]?)inf(?:inity)?$/i
const NAN = /^[+-]?nan$/i
const DECIMAL_NAN = /^[+-]?s?nan\p{Nd}*$/iu
/** Python reads no more. */
const MOST_DIGITS = 4300

const READERS: Record<NumberText['reads'], (text: string) => Read | undefined> = {
  int: (text) => readWhole(stripped(text, SPACES.few)),
  whole: (text) => readPointed(stripped(text, SPACES.all)),
  float: (text) => readFloat(stripped(text, SPACES.few)),
  decimal: (text) => readDecimal(stripped(text, SPACES.all)),
}

function readWhole(text: string): bigint | undefined {
  if (text.length > 2 * MOST_DIGITS || !WHOLE.test(text)) return undefined
  const digits = plainDigits(text.replaceAll('_', ''))
  if (digits.replace(/^[+-]/, '').length > MOST_DIGITS) return undefined
  return digits.startsWith('-') ? -BigInt(digits.slice(1)) : BigInt(digits.replace('+', ''))
}

function readPointed(text: string): Read | undefined {
  if (!text.includes('.')) return readWhole(text)
  const number = readFloat(text)
  return number !== undefined && Number.isInteger(number) ? number : undefined
}

function readFloat(text: string): number | undefined {
  if (FLOAT.test(text)) return Number(plainDigits(text.replaceAll('_', '')))
  return readSpecial(text, NAN)
}

function readDecimal(given: string): number | undefined {
  const text = given.replaceAll('_', '')
  if (!DECIMAL.test(text)) return readSpecial(text, DECIMAL_NAN)
  // It may be larger than any double, and is no infinity for that.
  const number = Number(plainDigits(text))
  return Number.isFinite(number) ? number : Math.sign(number) * Number.MAX_VALUE
}

function readSpecial(text: string, nan: RegExp): number | undefined {
  const infinite = INFINITE.exec(text)
  if (infinite) return infinite[1] === '-' ? -Infinity : Infinity
  return nan.test(text) ? Number.NaN : undefined
}

/** With the digits of all scripts written as 0 to 9. */
const plainDigits = (text: string): string =>
  text.replace(/\p{Nd}/gu, (digit) => (digit <= '9' ? digit : String(valueOf(digit))))

/** Digits come in tens, from zero to nine. */
function valueOf(digit: string): number {
  const code = digit.codePointAt(0) ?? 0
  let before = 0
  while (/\p{Nd}/u.test(String.fromCodePoint(code - before - 1))) before++
  return before % 10
}
