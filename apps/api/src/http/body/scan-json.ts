/**
 * Looks over JSON text before `JSON.parse` builds anything from it: how deep it nests and how many values it holds.
 * The text need not be well-formed, which the parser finds out. Uses constant memory. Called by readJson.
 */
import { ProblemError } from '@millrace/contracts'

export interface JsonShape {
  /** Levels of arrays and objects; 0 for a scalar. */
  depth: number
  /** Objects, arrays and scalars, each counted once. Keys do not count. */
  nodes: number
}

export interface JsonBounds {
  maxDepth: number
  maxNodes: number
}

const QUOTE = 0x22
const BACKSLASH = 0x5c

/**
 * Throws ProblemError `json_too_deep` or `json_too_large` as soon as a bound is passed, and `invalid_utf8` for an
 * escape that is half of a surrogate pair: such text cannot be written as UTF-8 again.
 */
export function scanJson(text: string, bounds: JsonBounds): JsonShape {
  const shape = { depth: 0, nodes: 0 }
  let depth = 0
  let inScalar = false
  let backslash = indexFrom(text, '\\', 0)
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    const starts = !inScalar
    inScalar = false
    switch (code) {
      case QUOTE: {
        const end = indexFrom(text, '"', i + 1)
        if (backslash < i) backslash = indexFrom(text, '\\', i)
        // Nearly all texts have no escape and are skipped as fast as memory is read.
        i = backslash < end ? endOfEscapedString(text, i + 1) : end
        shape.nodes++
        break
      }
      case 0x7b: // {
      case 0x5b: // [
        shape.nodes++
        depth++
        if (depth > shape.depth) shape.depth = depth
        if (depth > bounds.maxDepth) throw new ProblemError('json_too_deep')
        break
      case 0x7d: // }
      case 0x5d: // ]
        depth--
        break
      case 0x3a: // : the string before it was a key
        shape.nodes--
        break
      case 0x2c: // ,
      case 0x20:
      case 0x09:
      case 0x0a:
      case 0x0d:
        break
      default:
        inScalar = true
        if (starts) shape.nodes++
    }
    // The one above the limit may still turn out to be a key.
    if (shape.nodes > bounds.maxNodes + 1) throw new ProblemError('json_too_large')
  }
  if (shape.nodes > bounds.maxNodes) throw new ProblemError('json_too_large')
  return shape
}

/** Index of its next occurrence, or the length of the text when there is none. */
function indexFrom(text: string, char: string, start: number): number {
  const index = text.indexOf(char, start)
  return index < 0 ? text.length : index
}

/** Index of the closing quote, or of the end of the text. */
function endOfEscapedString(text: string, start: number): number {
  let high = false
  for (let i = start; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code !== BACKSLASH) {
      if (high) throw halfPair()
      if (code === QUOTE) return i
      continue
    }
    const unit = text.charCodeAt(i + 1) === 0x75 ? Number.parseInt(text.slice(i + 2, i + 6), 16) : 0
    const isLow = unit >= 0xdc00 && unit <= 0xdfff
    if (high !== isLow) throw halfPair()
    high = unit >= 0xd800 && unit <= 0xdbff
    i += text.charCodeAt(i + 1) === 0x75 ? 5 : 1
  }
  return text.length
}

const halfPair = () => new ProblemError('invalid_utf8', { detail: 'A string holds half of a surrogate pair.' })
