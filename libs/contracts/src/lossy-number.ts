/**
 * Finds numbers that would silently change when JSON text is read, because no double can hold them. Called by the API
 * for a request body and by the CLI for an input.
 */

export interface LossyNumber {
  /** Index in the text where the number begins. */
  index: number
  /** The number as it is written. */
  number: string
}

/** Nearly all texts contain nothing like this, and one fast search is all they cost. */
const SUSPECT = /[\d.]{16}|\d[eE][+-]?\d{3}/
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/gs
const SHOWN_CHARS = 40

/**
 * Takes well-formed JSON text and returns at most `most` numbers that would change: whole numbers that would be written
 * back differently (9007199254740993, or 9007199254740993.0) and numbers beyond the range of a double (1e400, 1e-400).
 * Fractions that are merely rounded are not reported.
 */
export function findLossyNumbers(text: string, most: number): LossyNumber[] {
  if (!SUSPECT.test(text)) return []
  const found: LossyNumber[] = []
  for (const { 0: number, index } of text.matchAll(TOKEN)) {
    if (number.startsWith('"') || isKept(number)) continue
    found.push({ index, number })
    if (found.length === most) break
  }
  return found
}

function isKept(token: string): boolean {
  const read = Number(token)
  if (!Number.isFinite(read)) return false
  // Read as zero, but written as something else: too small for a double.
  if (read === 0) return !/^-?[0.]*[1-9]/.test(token)
  if (Math.abs(read) <= Number.MAX_SAFE_INTEGER) return true
  const { digits, power } = decimalOf(token)
  if (power < 0) return true
  // JavaScript writes a large double in a short form. That is not its exact value, but it is read as the same double
  // again.
  const again = decimalOf(String(read))
  if (again.digits === digits && again.power === power) return true
  return BigInt(digits + '0'.repeat(power)) === BigInt(Math.abs(read))
}

/** The digits of a number without leading and trailing zeros, and the power of ten of its last digit. */
function decimalOf(token: string): { digits: string; power: number } {
  const [, whole = '', fraction = '', exponent = '0'] = /^-?(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(token) ?? []
  const all = (whole + fraction).replace(/^0+/, '')
  let end = all.length
  while (end > 0 && all[end - 1] === '0') end--
  return { digits: all.slice(0, end), power: Number(exponent) - fraction.length + (all.length - end) }
}

/** Says what is wrong with such a number, and what to do. */
export const lossyNumberMessage = (number: string): string =>
  `${number.slice(0, SHOWN_CHARS)} cannot be kept exactly as a JSON number; give it as text, or as a number that a double holds (whole ones up to 2^53)`
