/** A call as a command for a shell: its words quoted, on several lines when it is long. */

/** The word as it is typed in bash, zsh and sh. */
export const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`

/** The words as one command, on several lines when it is long: the first has the words that always stand there. */
export function commandLine(first: readonly string[], rest: readonly string[]): string {
  const line = [...first, ...rest].join(' ')
  if (line.length <= 100 && !line.includes('\n')) return line
  return [first.join(' '), ...linesOf(rest).map((one) => `  ${one}`)].join(' \\\n')
}

/** Each option with its value on a line of its own. */
function linesOf(words: readonly string[]): string[] {
  const lines: string[] = []
  let isOption = false
  for (const word of words) {
    if (isOption) lines.push(`${lines.pop()} ${word}`)
    else lines.push(word)
    isOption = word.startsWith('-')
  }
  return lines
}
