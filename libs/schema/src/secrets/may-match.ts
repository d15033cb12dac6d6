/**
 * Tells at a bounded cost whether a pattern may match a name. The pattern was written by a stranger. Called by the search
 * for secrets.
 */

const LONGEST = 200
/** Signs of a pattern that may take more than a few passes: repeated groups, back references, looking around. */
const COSTLY = /\)[*+{?]|\\[1-9k]|\(\?[=!<]/
const UNBOUNDED = /(?<!\\)[*+]|\{\d+,\d*\}/g

/**
 * True when the pattern matches. Also true when a match would take too long to find, or when the pattern is not valid:
 * better to hide too much than to show a secret.
 */
export function mayMatch(pattern: string, name: string): boolean {
  if (name.length > LONGEST || COSTLY.test(pattern) || (pattern.match(UNBOUNDED) ?? []).length > 2) return true
  try {
    return new RegExp(pattern, 'u').test(name)
  } catch {
    return true
  }
}
