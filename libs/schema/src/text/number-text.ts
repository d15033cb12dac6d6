/**
 * The keyword `x-number-text` says which texts may stand for a number. Conventions of Python take "3" for 3, exactly as
 * Python reads it. A schema that allowed any text would also let "lots" in. Called by checks of an input.
 */

export const NUMBER_TEXT_KEYWORD = 'x-number-text'

/**
 * The value of the keyword. It applies to texts, and to true and false, which Python takes for 1 and 0. All other values
 * pass.
 */
export interface NumberText {
  /**
   * How a text is read: as Python's `int`, `float` or `Decimal`. `whole`: as `int`, but a point with only zeros behind it is
   * allowed.
   */
  reads: 'int' | 'whole' | 'float' | 'decimal'
  /** True: refuse infinities and NaN. Default false. */
  finite?: boolean
  /** The separator of a text that lists several numbers. Default: the text is one number. */
  split?: string
  minimum?: number
  maximum?: number
  exclusiveMinimum?: number
  exclusiveMaximum?: number
  enum?: unknown[]
}

export interface NumberTextFault {
  /** The keyword of JSON Schema that has the same meaning for a number. */
  code: string
  message: string
}

/** Says what is wrong with a value, or undefined when nothing is. It never repeats the value. */
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

/** Infinity stands for a decimal that is too large for a double. */
const isFinite = (number: Read): boolean => typeof number === 'bigint' || Number.isFinite(number)

function limitFault(rule: NumberText, number: Read): NumberTextFault | undefined {
  const { minimum, maximum, exclusiveMinimum: above, exclusiveMaximum: below, enum: choices } = rule
  // As Python compares: with NaN every comparison is false.
  if (minimum !== undefined && !(number >= minimum)) return limit('minimum', `>= ${minimum}`)
  if (maximum !== undefined && !(number <= maximum)) return limit('maximum', `<= ${maximum}`)
  if (above !== undefined && !(number > above)) return limit('exclusiveMinimum', `> ${above}`)
  if (below !== undefined && !(number < below)) return limit('exclusiveMaximum', `< ${below}`)
  if (choices && !choices.some((choice) => choice === Number(number)))
    return limit('enum', `one of ${JSON.stringify(choices)}`)
  return undefined
}

const limit = (code: string, what: string): NumberTextFault => ({ code, message: `must be ${what}` })

/** The characters that Python takes for white space. `int` and `float` do not take four old separators. */
const SPACE = String.raw`\t-\r\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000`
const SPACES = {
  few: new RegExp(`[${SPACE}]`),
  all: new RegExp(`[\\x1c-\\x1f${SPACE}]`),
}

/** Not done by one regular expression: on a text of many spaces its time grows with the square of the length. */
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
/** Python refuses to read more digits. */
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
  // A decimal may be larger than any double without being infinite.
  const number = Number(plainDigits(text))
  return Number.isFinite(number) ? number : Math.sign(number) * Number.MAX_VALUE
}

function readSpecial(text: string, nan: RegExp): number | undefined {
  const infinite = INFINITE.exec(text)
  if (infinite) return infinite[1] === '-' ? -Infinity : Infinity
  return nan.test(text) ? Number.NaN : undefined
}

/** Writes the digits of all scripts as 0 to 9. */
const plainDigits = (text: string): string =>
  text.replace(/\p{Nd}/gu, (digit) => (digit <= '9' ? digit : String(valueOf(digit))))

/** The digits of a script are ten in a row, from zero to nine. */
function valueOf(digit: string): number {
  const code = digit.codePointAt(0) ?? 0
  let before = 0
  while (/\p{Nd}/u.test(String.fromCodePoint(code - before - 1))) before++
  return before % 10
}
