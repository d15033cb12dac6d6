/**
 * Rewrites a whole script so that a call of it costs less. Redis makes every function of a script anew at each call, and for each
 * variable that a function uses Lua walks through all variables that any function uses. So functions lie in one table, `F`, and
 * constants stand where they are used. Called by renderScript.
 */
const TOKEN = /--[^\n]*|'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[A-Za-z_]\w*|\.\.\.|\.\.|[=~<>]=|\s+|./g

/** `constants`: by name, the Lua that stands for it. */
export function gatherFunctions(lua: string, constants: ReadonlyMap<string, string>): string {
  const outer = new Set([...lua.matchAll(/^local function (\w+)/gm)].map(([, name]) => name as string))
  const tokens = lua.match(TOKEN) ?? []
  const words = tokens.flatMap((token, i) => (/^(\s|--)/.test(token) ? [] : [{ token, i }]))
  // A name that means something else somewhere stays what it is.
  for (const name of declaredWithin(words, tokens)) outer.delete(name)
  for (const [n, { token, i }] of words.entries()) {
    const [before, after] = [words[n - 1]?.token, words[n + 1]?.token]
    if (before === '.' || before === ':' || after === '=') continue
    if (outer.has(token)) tokens[i] = `F.${token}`
    else tokens[i] = constants.get(token) ?? token
    if (outer.has(token) && before === 'function') tokens[words[n - 2]?.i ?? 0] = ''
  }
  return `local F = {}\n${tokens.join('')}`
}

type Word = { token: string; i: number }

/** Names of variables, parameters and inner functions. */
function declaredWithin(words: readonly Word[], tokens: readonly string[]): string[] {
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
    const isInner = words[n - 1]?.token === 'local' && !startsLine(words[n - 1] as Word, tokens)
    const open = words.findIndex((word, m) => m > n && word.token === '(')
    return [...(isInner ? [words[n + 1]?.token ?? ''] : []), ...namesFrom(open + 1)]
  })
}

const startsLine = ({ i }: Word, tokens: readonly string[]): boolean => i === 0 || (tokens[i - 1] ?? '').endsWith('\n')
