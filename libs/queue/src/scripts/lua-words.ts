/** Cuts Lua into its words, so that a script can be rewritten without a look into its texts and comments. Used by what renders scripts. */
const TOKEN = /--[^\n]*|'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[A-Za-z_]\w*|\.\.\.|\.\.|[=~<>]=|\s+|./g

/** `i`: its place among all tokens. */
export type LuaWord = { token: string; i: number }

/** All tokens, which together are the text, and those of them that are neither blanks nor comments. */
export function wordsOf(lua: string): { tokens: string[]; words: LuaWord[] } {
  const tokens: string[] = lua.match(TOKEN) ?? []
  return { tokens, words: tokens.flatMap((token, i) => (/^(\s|--)/.test(token) ? [] : [{ token, i }])) }
}

/** Whether the n-th word may be the name of a variable, and is not that of a field or a key. */
export function isVariable(words: readonly LuaWord[], n: number): boolean {
  const [before, after] = [words[n - 1]?.token, words[n + 1]?.token]
  return before !== '.' && before !== ':' && after !== '='
}
