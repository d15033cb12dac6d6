/** A file is named after its main export, so that a name leads to its file. Called by laws.test.ts and planted-violations.test.ts. */
import { baseOf, type House, isTestName, type Law, modulesOf, type TextFile } from '../reading/house.ts'
import { readModule } from '../reading/read-module.ts'

/**
 * A file with one thing to export has its name, with or without what the name says more: `gate.ts` has `createGate`. A file
 * with several is named after what they are about: it shares a word with one of them. A vocabulary, whose exports are one
 * word each, is called `-kinds`. Where a front door chooses by platform, the platform comes after the name:
 * `upload-body-node.ts` and `upload-body-web.ts` both have `uploadBody`.
 */
export const mainExportLaw: Law = (house) =>
  exportingFiles(house).flatMap((file) => {
    const stem = baseOf(file.path).replace(/(-(node|web))?(\.d)?\.[a-z]+$/, '')
    const names = mainExportsOf(file)
    if (stem.endsWith('-kinds') && names.every((name) => /^[a-z]+$/.test(name))) return []
    const isNamed =
      readModule(file).exports.some(({ name }) => squeeze(name) === squeeze(stem)) ||
      (names.length === 1
        ? squeeze(names[0]!).includes(squeeze(stem))
        : names.some((name) => wordsOf(name).some((word) => wordsOf(stem).includes(word))))
    return isNamed ? [] : [`${file.path} exports ${names.join(', ')}; name it after that`]
  })

/** Modules that others import by a name. A front door passes on what others export, and a config has what a tool reads. */
export const exportingFiles = (house: House): TextFile[] =>
  modulesOf(house).filter(
    (file) =>
      !isTestName(file.path) &&
      !/(^|\/)(index|config|model|main|.*-main|.*\.config)\.[a-z]+$/.test(file.path) &&
      mainExportsOf(file).length > 0,
  )

/** What is there at run time, or the types where there is nothing else. */
function mainExportsOf(file: TextFile): string[] {
  const named = readModule(file).exports.filter(({ name }) => !['default', '*'].includes(name))
  const values = named.filter(({ isType }) => !isType)
  return (values.length > 0 ? values : named).map(({ name }) => name)
}

/** As one word: `JOB_ERRORS`, `jobErrors` and `job-errors` are the same name. */
const squeeze = (name: string): string => name.replaceAll(/[^a-zA-Z0-9]/g, '').toLowerCase()

/** The words of a name, without their plural. */
const wordsOf = (name: string): string[] =>
  name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .split(/[^a-zA-Z0-9]+/)
    .map((word) => word.toLowerCase().replace(/s$/, ''))
