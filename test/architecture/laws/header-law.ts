/** A file says first what it is. Called by laws.test.ts and planted-violations.test.ts. */
import { baseOf, type Exception, type House, isExcepted, type Law, modulesOf, type TextFile } from '../reading/house.ts'

/** Fewer say nothing. */
const WORDS = 5

/**
 * How a header begins in each language, after what a system wants in the first line. In TypeScript only a comment that
 * documents counts, or a line of its own.
 */
const HEADERS: readonly { files: RegExp; header: RegExp }[] = [
  { files: /\.([mc]?[tj]s|[tj]sx)$/, header: /^(?:#!.*\n)?\s*(?:\/\*\*([\s\S]*?)\*\/|((?:\/\/.*\n)+))/ },
  { files: /\.css$/, header: /^\s*\/\*([\s\S]*?)\*\// },
  { files: /\.py$/, header: /^(?:#.*\n)*\s*(?:[rR]?"""([\s\S]*?)"""|((?:#(?!!).*\n)+))/ },
  { files: /\.lua$/, header: /^\s*((?:--.*\n)+)/ },
]

/** Written as an author of a model writes, or as a user of the API. */
const AUTHORS: readonly Exception[] = [
  { path: 'apps/cli/src/new/templates/', why: 'what `millrace new` gives to an author' },
  { path: 'test/python/examples/', why: 'models as their conventions show them' },
  { path: 'test/python/models/', why: 'the same small models that TypeScript has, in test/models' },
]

/** Files that must say what they promise: all that is run, but tests, whose titles say it, and what authors would write. */
export const headedFiles = (house: House): TextFile[] =>
  [...modulesOf(house), ...house.files.filter(({ path }) => /\.(py|lua|css)$/.test(path))].filter(
    ({ path, source }) =>
      !/\.test\.[a-z]+$/.test(path) &&
      !isExcepted(AUTHORS, path) &&
      !(baseOf(path) === '__init__.py' && source.trim() === ''),
  )

/** Each file begins with what it promises and who calls it. */
export const headerLaw: Law = (house) =>
  headedFiles(house)
    .filter((file) => wordsOf(headerOf(file)) < WORDS)
    .map(
      ({ path }) =>
        `${path} does not begin by saying what it promises and who calls it; say it before the first import`,
    )

function headerOf({ path, source }: TextFile): string {
  const found = HEADERS.find(({ files }) => files.test(path))?.header.exec(source)
  return found?.slice(1).find((part) => part !== undefined) ?? ''
}

const wordsOf = (text: string): number => text.match(/[\p{L}\d`'’.-]*\p{L}[\p{L}\d`'’.-]*/gu)?.length ?? 0
