/**
 * Rewrites a whole script so that a call of it costs less. Redis makes every function of a script anew at each call, and for each
 * variable that a function uses Lua walks through all variables that any function uses. So functions lie in one table, `F`. Called
 * by renderScript.
 */
import { isVariable, type LuaWord, wordsOf } from './lua-words.ts'

export function gatherFunctions(lua: string): string {
  const outer = new Set([...lua.matchAll(/^local function (\w+)/gm)].map(([, name]) => name as string))
  const { tokens, words } = wordsOf(lua)
  // A name that means something else somewhere stays what it is.
  for (const name of declaredWithin(words, tokens)) outer.delete(name)
  for (const [n, { token, i }] of words.entries()) {
    if (!outer.has(token) || !isVariable(words, n)) continue
    tokens[i] = `F.${token}`
    if (words[n - 1]?.token === 'function') tokens[words[n - 2]?.i ?? 0] = ''
  }
  return `local F = {}\n${tokens.join('')}`
}

/** Names of variables, parameters and inner functions. */
function declaredWithin(words: readonly LuaWord[], tokens: readonly string[]): string[] {
  const namesFrom = (n: number): string[] => {
    const names: string[] = []
    while (/^(\w+|,|\.\.\.)$/.test(words[n]?.token ?? '') && words[n]?.token !== 'in')
      names.push(words[n++]?.token ?? '')
    return names
  }
  return words.flatMap(({ token }, n) => {
    if (token === 'for') return namesFrom(n + 1)
    if (token === 'local' && words[n + 1]?.token !== 'function') return namesFrom(n + 1)
    if (token !== 'function') return []
    const isInner = words[n - 1]?.token === 'local' && !startsLine(words[n - 1] as LuaWord, tokens)
    const open = words.findIndex((word, m) => m > n && word.token === '(')
    return [...(isInner ? [words[n + 1]?.token ?? ''] : []), ...namesFrom(open + 1)]
  })
}

const startsLine = ({ i }: LuaWord, tokens: readonly string[]): boolean =>
  i === 0 || (tokens[i - 1] ?? '').endsWith('\n')
