/** Numbers that would be changed without a word when they are read: JSON text may hold what no double can. */

export interface LossyNumber {
  /** Where it begins in the text. */
  index: number
  /** As it is written. */
  number: string
}

/** Nearly all texts have nothing like it, and are passed over as fast as memory is read. */
const SUSPECT = /[\d.]{16}|\d[eE][+-]?\d{3}/
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/gs
const SHOWN_CHARS = 40

/**
 * Of well-formed JSON text: each whole number that would be written again as another, such as 9007199254740993 or
 * 9007199254740993.0, and each number beyond a double's range, such as 1e400 or 1e-400; at most `most` of them. Fractions
 * are rounded, as everywhere.
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
  // Not zero, but too small for anything else.
  if (read === 0) return !/^-?[0.]*[1-9]/.test(token)
  if (Math.abs(read) <= Number.MAX_SAFE_INTEGER) return true
  const { digits, power } = decimalOf(token)
  if (power < 0) return true
  // What JavaScript itself writes for a large double is not its exact value, but is read as the same double again.
  const again = decimalOf(String(read))
  if (again.digits === digits && again.power === power) return true
  return BigInt(digits + '0'.repeat(power)) === BigInt(Math.abs(read))
}

/** The digits of a number without zeros around them, and the power of ten of the last one. */
function decimalOf(token: string): { digits: string; power: number } {
  const [, whole = '', fraction = '', exponent = '0'] = /^-?(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(token) ?? []
  const all = (whole + fraction).replace(/^0+/, '')
  let end = all.length
  while (end > 0 && all[end - 1] === '0') end--
  return { digits: all.slice(0, end), power: Number(exponent) - fraction.length + (all.length - end) }
}

/** What is wrong with it, and what to do. */
export const lossyNumberMessage = (number: string): string =>
  `${number.slice(0, SHOWN_CHARS)} cannot be kept exactly as a JSON number; give it as text, or as a number that a double holds (whole ones up to 2^53)`
