/**
 * The glossary explains the words of the code as it is: each word once, and its owner uses it. Called by laws.test.ts and
 * planted-violations.test.ts.
 */
import type { House, Law } from '../reading/house.ts'

const PAGE = 'docs/glossary.md'
const ROW = /^\| (?<words>[^|]+) \| [^|]+ \| `(?<owner>[^`|]+)` \|$/

export interface Entry {
  /** Such as `shelf, to shelve` or `hold (of an attempt)`. */
  words: string
  owner: string
  line: number
}

/** A word that its owner does not use has moved or is gone; a word that stands there twice has two meanings. */
export const glossaryLaw: Law = (house) => {
  const entries = glossaryOf(house)
  const seen = new Set<string>()
  return entries.flatMap((entry) => {
    const isTwice = seen.has(entry.words)
    seen.add(entry.words)
    return [
      ...(isTwice ? [`${PAGE} explains "${entry.words}" twice, again at line ${entry.line}; let it have one row`] : []),
      ...(isUsed(house, entry)
        ? []
        : [
            `${PAGE} says at line ${entry.line} that ${entry.owner} owns "${entry.words}", which it does not use; name the owner`,
          ]),
    ]
  })
}

/** The rows of the glossary. */
export const glossaryOf = ({ files }: House): Entry[] =>
  (files.find(({ path }) => path === PAGE)?.source ?? '').split('\n').flatMap((line, index) => {
    const { words, owner } = ROW.exec(line)?.groups ?? {}
    return words && owner ? [{ words, owner, line: index + 1 }] : []
  })

/** Whether the owner, a file or a folder, has one of the words, in any case and also within names. */
function isUsed({ files }: House, { words, owner }: Entry): boolean {
  const forms = words
    .replace(/\([^)]*\)/g, '')
    .split(',')
    .map((word) => word.trim().replace(/^to /, ''))
    .map((word) => new RegExp(word.split(' ').join('[ _-]?'), 'i'))
  return files
    .filter(({ path }) => path === owner || path.startsWith(`${owner}/`))
    .some(({ path, source }) => forms.some((form) => form.test(source) || form.test(path)))
}
