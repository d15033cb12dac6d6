/** A folder is a concept, and the tree shows which. Called by laws.test.ts and planted-violations.test.ts. */
import { baseOf, folderOf, type House, isTestName, type Law, modulesOf } from '../reading/house.ts'

/** Files of code that a folder may hold; tests beside them do not count. */
const FILES = 15
/** So many names that begin alike spell a folder that is missing. */
const ALIKE = 4

/** First words that say what a function does, not what it is about: files are named after their main export. */
const VERBS = new Set(
  'accept add adopt answer ask await build call cancel change check choose compile create describe discover estimate find follow get has hide is judge keep list load make measure name observe open parse pick plan prepare print read receive refuse register render report request resolve run say scan see send show sign start stop store take translate try validate wait walk watch write'.split(
    ' ',
  ),
)

/** Below it are stand-ins of Python packages: their modules have the names that the files of models import. */
const STAND_INS = 'apps/runner/python/shims/'

/** A folder holds what a head holds. A stand-in of a package holds what the package does. */
export const folderSizeLaw: Law = (house) =>
  [...foldersOf(house)]
    .filter(([folder, names]) => names.length > FILES && !folder.startsWith(STAND_INS))
    .map(([folder, names]) => `${folder} has ${names.length} files, more than ${FILES}; give its concepts folders`)

/** No prefix stands in for a folder. The word of the folder itself may: it says in an import what a name belongs to. */
export const prefixLaw: Law = (house) =>
  [...foldersOf(house)].flatMap(([folder, names]) => {
    const byWord = groupBy(names, (name) => name.replace(/^_+/, '').split(/[-_.]/)[0]!)
    const own = baseOf(folder)
    return [...byWord]
      .filter(([word, alike]) => alike.length >= ALIKE && !VERBS.has(word) && !isWordOf(own, word))
      .map(([word, alike]) => `${folder} has ${alike.length} files that begin with "${word}"; make it a folder`)
  })

const isWordOf = (folder: string, word: string): boolean => folder === word || folder === `${word}s`

/** Folders with the names of their own files of code. */
export function foldersOf(house: House): Map<string, string[]> {
  const code = [...modulesOf(house), ...house.files.filter(({ path }) => /\.(py|lua)$/.test(path))]
  const own = code.filter(({ path }) => !isTestName(path)).map(({ path }) => path)
  return new Map([...groupBy(own, folderOf)].map(([folder, paths]) => [folder || '.', paths.map(baseOf)]))
}

function groupBy(items: string[], groupOf: (item: string) => string): Map<string, string[]> {
  const groups = new Map<string, string[]>()
  for (const item of items) groups.set(groupOf(item), [...(groups.get(groupOf(item)) ?? []), item])
  return groups
}
