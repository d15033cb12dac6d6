/** Whether a pattern that was written by a stranger may match a name, at a bounded cost. Called where secrets are sought. */

const LONGEST = 200
/** What makes a search take more than a few passes: repeated groups, references back, looking around. */
const COSTLY = /\)[*+{?]|\\[1-9k]|\(\?[=!<]/
const UNBOUNDED = /(?<!\\)[*+]|\{\d+,\d*\}/g

/** True when it does match, and also when to find that out could take long or the pattern is none: then it may. */
export function mayMatch(pattern: string, name: string): boolean {
  if (name.length > LONGEST || COSTLY.test(pattern) || (pattern.match(UNBOUNDED) ?? []).length > 2) return true
  try {
    return new RegExp(pattern, 'u').test(name)
  } catch {
    return true
  }
}
