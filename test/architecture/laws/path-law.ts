/**
 * What a page or a comment points to is there: a path of the repository, a link, a file by its name. Called by
 * laws.test.ts and planted-violations.test.ts.
 */
import { posix } from 'node:path'
import { slugOf } from '../../../scripts/docs/slug-of.ts'
import { baseOf, folderOf, type House, isModule, type Law, type TextFile } from '../reading/house.ts'
import { readModule } from '../reading/read-module.ts'

/** Folders of the root; a path in a text begins with one of them. */
const ROOMS = /(?<![\w./@-])(?:apps|libs|models|test|docs|scripts|examples)\/[\w.@<>*/-]*[\w>*/]/g
const LINKS = /\]\(([^)#\s]+)(?:#[^)]*)?\)/g
const HEADING_LINKS = /\]\(([^)#\s]*)#([^)\s]+)\)/g
const NAMES = /(?<![\w./<>*-])\w[\w-]*(?:\.[\w-]+)*\.(?:ts|mjs|lua|py)\b(?![-/])/g

/** Files that a page or a comment names although they lie elsewhere: with a user, with a vendor, in a time to come. */
const ELSEWHERE = /^(file\.py|x\.test\.ts|models\/(shout|palette)(\/.*)?)$/

export interface Mention {
  path: string
  line: number
  name: string
}

/** Pages name only what is there. */
export const pagePathLaw: Law = (house) => missing(house, mentionsInPages(house))

/** So do comments. */
export const commentPathLaw: Law = (house) => missing(house, mentionsInComments(house))

export const mentionsInPages = ({ files }: House): Mention[] =>
  files.filter(isPage).flatMap(({ path, source }) => [
    ...mentions(path, source, ROOMS),
    ...(path === 'ARCHITECTURE.md' || path === 'CONTRIBUTING.md' ? mentions(path, source, NAMES) : []),
    ...[...source.matchAll(LINKS)]
      .filter(([, target]) => !/^[a-z]+:/.test(target!))
      .map(({ 1: target, index }) => ({
        path,
        line: lineOf(source, index),
        name: posix.normalize(posix.join(folderOf(path), target!)),
      })),
  ])

export const mentionsInComments = (house: House): Mention[] =>
  house.files.flatMap((file) =>
    commentsOf(file).flatMap(({ text, line }) =>
      [...mentions(file.path, text, ROOMS), ...mentions(file.path, text, NAMES)].map((mention) => ({
        ...mention,
        line: line + mention.line - 1,
      })),
    ),
  )

/** Comments of a language that has no parser here. */
const COMMENTS: readonly { files: RegExp; comment: RegExp }[] = [
  { files: /\.lua$/, comment: /--.*/g },
  { files: /\.py$/, comment: /^\s*#.*|^\s*"""[\s\S]*?"""/gm },
]

function commentsOf(file: TextFile): { text: string; line: number }[] {
  if (isModule(file)) return readModule(file).comments
  const comment = COMMENTS.find(({ files }) => files.test(file.path))?.comment
  if (comment === undefined) return []
  return [...file.source.matchAll(comment)].map(({ 0: text, index }) => ({ text, line: lineOf(file.source, index) }))
}

const mentions = (path: string, text: string, pattern: RegExp): Mention[] =>
  [...text.matchAll(pattern)].map(({ 0: name, index }) => ({ path, line: lineOf(text, index), name }))

/** A link to a heading leads to one that is there. */
export const headingLaw: Law = (house) =>
  house.files.filter(isPage).flatMap(({ path, source }) =>
    [...source.matchAll(HEADING_LINKS)].flatMap(({ 1: target, 2: heading, index }) => {
      if (/^[a-z]+:/.test(target!)) return []
      const there = target === '' ? path : posix.normalize(posix.join(folderOf(path), target!))
      const page = house.files.find((file) => file.path === there)
      return page && headingsOf(page.source).has(heading!)
        ? []
        : [`${path} links at line ${lineOf(source, index)} to #${heading} of ${there}, which has no such heading`]
    }),
  )

/** Headings of a page, as links name them. */
const headingsOf = (source: string): Set<string> =>
  new Set([...source.matchAll(/^#+ (.*)$/gm)].map(([, text]) => slugOf(text!)))

const isPage = ({ path }: TextFile): boolean => /^(docs\/.*|[A-Z]+)\.md$/.test(path) && path !== 'CHANGELOG.md'

const lineOf = (text: string, index: number): number => text.slice(0, index).split('\n').length

function missing(house: House, found: Mention[]): string[] {
  const paths = [...house.files.map(({ path }) => path), ...house.otherPaths]
  const known = new Set(paths)
  for (const path of paths) for (let at = folderOf(path); at !== ''; at = folderOf(at)) known.add(at)
  const names = new Set(paths.map(baseOf))
  return found
    .filter(({ name }) => !/[<>*]/.test(name) && !ELSEWHERE.test(name))
    .filter(({ name }) => !(name.includes('/') ? known.has(name.replace(/\/$/, '')) : names.has(name)))
    .map(({ path, line, name }) => `${path} names ${name} at line ${line}, which is not there`)
}
