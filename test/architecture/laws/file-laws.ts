// What a file may hold and how it is called. Called by laws.test.ts and planted-violations.test.ts.
import { type Exception, type House, isExcepted, isTest, type Law, modulesOf } from '../reading/house.ts'

const LINES = 300
/** A test file is a list of sentences: longer, but not endless. */
const TEST_LINES = 450

const BANNED_WORDS = ['util', 'utils', 'helper', 'helpers', 'common', 'misc', 'manager', 'stuff', 'shared']

/** Where the environment may be read beside config.ts, main.ts and *-main.ts. */
const ENVIRONMENT_DOORS: readonly Exception[] = [
  { path: 'scripts/setup.mjs', why: 'runs before there are any packages, so it cannot use the config' },
]

/** The environment comes in at few doors, and goes on as arguments. */
export const environmentLaw: Law = (house) =>
  modulesOf(house)
    .filter(({ path }) => !isTest(path) && !/(^|[/-])(config|main)\.ts$/.test(path))
    .filter(({ path }) => !isExcepted(ENVIRONMENT_DOORS, path))
    .filter(({ source }) =>
      /\bprocess\s*(\.\s*env\b|\[\s*['"]env['"])|\{[^}]*\benv\b[^}]*\}\s*=\s*process\b/.test(source),
    )
    .map(({ path }) => `${path} reads the environment; take the value as an argument from main.ts or config.ts`)

/** A file fits a head. */
export const sizeLaw: Law = (house) =>
  [...modulesOf(house), ...house.files.filter(({ path }) => path.endsWith('.css'))].flatMap(({ path, source }) => {
    const lines = source.split('\n').length - 1
    const limit = isTest(path) ? TEST_LINES : LINES
    return lines > limit ? [`${path} has ${lines} lines, more than ${limit}; split it by what its parts promise`] : []
  })

/** A name is an address: kebab-case, and a word that says what is inside. */
export const nameLaw: Law = (house) =>
  modulesOf(house).flatMap(({ path }) => {
    const name = path.split('/').at(-1)!
    const banned = name.split(/[.-]/).find((word) => BANNED_WORDS.includes(word))
    if (banned) return [`${path}: "${banned}" says nothing; name the file after its main export`]
    return /^\.?[a-z0-9]+([.-][a-z0-9]+)*$/.test(name) ? [] : [`${path}: write the name in kebab-case`]
  })

/** Modules export by name, so that a name can be searched for. Models and tools' configs must have a default. */
export const namedExportLaw: Law = (house) =>
  modulesOf(house)
    .filter(({ path }) => !/(^|\/)model\.(ts|mts|js|mjs)$|\.config\.ts$/.test(path) && !path.startsWith('test/models/'))
    .filter(({ source }) => /^export default\b/m.test(source))
    .map(({ path }) => `${path} has a default export; export by name`)

const MACHINE_TRACES: readonly { pattern: RegExp; what: string }[] = [
  { pattern: /(?<![\w.~$}-])\/(?:home|Users)\/(?!node\b)[a-z][\w.-]*\//, what: 'a home folder' },
  { pattern: new RegExp('(?<![\\w.~$}*-])/' + 'work/[a-z]'), what: 'a folder of one machine' },
  { pattern: /(?<![\w.~$}*-])\/root\/\.?[a-z]/, what: 'a folder of one machine' },
  {
    pattern: /https?:\/\/[^\s"'`)]*(?:registry\.|artifactory|\/nexus\/|verdaccio)/,
    what: 'the address of a package registry',
  },
]

/** Nothing of the machine it was written on is left in the repository. */
export const traceLaw: Law = ({ files }: House) =>
  files.flatMap(({ path, source }) =>
    MACHINE_TRACES.flatMap(({ pattern, what }) => {
      const at = source.search(pattern)
      if (at < 0) return []
      return [`${path}:${source.slice(0, at).split('\n').length} holds ${what}; leave it out`]
    }),
  )

/** No title stands twice in one test file, so that a failure names one test. */
export const titleLaw: Law = (house) =>
  modulesOf(house)
    .filter(({ path }) => /\.test\.(tsx?|mjs)$/.test(path))
    .flatMap(({ path, source }) => {
      const titles = [...source.matchAll(/^ *(?:it|test)\((['"`])(.+?)\1,/gm)].map((match) => match[2]!)
      const twice = titles.filter((title, index) => titles.indexOf(title) !== index)
      return twice.map((title) => `${path} has two tests "${title}"; say what is different`)
    })
