/** Writes constants of a script where they are used, for a variable costs more than a value. Called by renderScript and renderFunction. */
import { isVariable, wordsOf } from './lua-words.ts'

/** `constants`: by name, the Lua that stands for it. */
export function writeConstants(lua: string, constants: ReadonlyMap<string, string>): string {
  const { tokens, words } = wordsOf(lua)
  for (const [n, { token, i }] of words.entries()) {
    if (isVariable(words, n)) tokens[i] = constants.get(token) ?? token
  }
  return tokens.join('')
}
