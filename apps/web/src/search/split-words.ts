/**
 * Cuts a search line into its words and says where each stands. White space ends a word, except between quotes; `\` takes the next
 * character as it is there. The first `:` or `=` outside quotes parts a word. Called by read-search.ts and complete-search.ts.
 */

/** One half of a word: what it says without quotes, and whether it had some. */
export interface Half {
  text: string
  isQuoted: boolean
}

export interface Word {
  /** Where it stands in the line, quotes included. */
  from: number
  to: number
  /** What stands before the first `:` or `=`, or all of it. */
  left: Half
  /** `:`, `=`, or nothing where the word has no second half. */
  sign: ':' | '=' | ''
  right: Half
  /** Where the second half begins. */
  rightFrom: number
  /** It ends within quotes. */
  isOpen: boolean
}

export function splitWords(line: string): Word[] {
  const words: Word[] = []
  let at = 0
  while (at < line.length) {
    if (/\s/.test(line[at] as string)) at++
    else {
      const word = readWord(line, at)
      words.push(word)
      at = word.to
    }
  }
  return words
}

function readWord(line: string, from: number): Word {
  const left: Half = { text: '', isQuoted: false }
  const right: Half = { text: '', isQuoted: false }
  let [half, sign, rightFrom, isOpen, at]: [Half, Word['sign'], number, boolean, number] = [left, '', -1, false, from]
  for (; at < line.length; at++) {
    const char = line[at] as string
    if (isOpen && char === '\\' && at + 1 < line.length) half.text += line[++at]
    else if (char === '"') {
      isOpen = !isOpen
      half.isQuoted = true
    } else if (isOpen) half.text += char
    else if (/\s/.test(char)) break
    else if (sign === '' && (char === ':' || char === '=')) {
      sign = char
      half = right
      rightFrom = at + 1
    } else half.text += char
  }
  return { from, to: at, left, sign, right, rightFrom: sign === '' ? at : rightFrom, isOpen }
}

/** `id=job_…` in a log and `…/?job=job_…` in an address mean the job, and no label of that name; a label is quoted then. */
export const mayNameJob = (key: string): boolean => /^(job[_-]?)?(id)?$/i.test(key) || /[/?&#]/.test(key)

/** Text as it must stand in a line to be read as one half of a word. */
export const quoted = (text: string): string =>
  text === '' || /[\s":=\\]/.test(text) ? `"${text.replaceAll(/[\\"]/g, String.raw`\$&`)}"` : text
