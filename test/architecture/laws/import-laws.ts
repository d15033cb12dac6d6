// Who may import whom. Called by laws.test.ts on this repository, and by planted-violations.test.ts on invented ones.
import { posix } from 'node:path'
import {
  type Exception,
  type House,
  homeOf,
  isExcepted,
  isTest,
  type Law,
  modulesOf,
  type TextFile,
} from '../reading/house.ts'
import { packageOf, readModule } from '../reading/read-module.ts'

/** What the code of a room may import of our own packages. Longest folder wins; tests may do more, see `layerLaw`. */
const LAYERS: Record<string, readonly string[]> = {
  'libs/contracts': [],
  'libs/async': [],
  'libs/': ['@millrace/async', '@millrace/contracts'],
  'models/': ['@millrace/model'],
  'apps/api': [
    '@millrace/async',
    '@millrace/contracts',
    '@millrace/dialects',
    '@millrace/hooks',
    '@millrace/process',
    '@millrace/queue',
    '@millrace/schema',
    '@millrace/storage',
    '@millrace/webhooks',
  ],
  'apps/runner': ['@millrace/contracts', '@millrace/model', '@millrace/schema'],
  'apps/web': ['@millrace/client', '@millrace/contracts', '@millrace/schema'],
  'apps/worker': [
    '@millrace/async',
    '@millrace/contracts',
    '@millrace/dialects',
    '@millrace/hooks',
    '@millrace/host',
    '@millrace/model',
    '@millrace/process',
    '@millrace/queue',
    '@millrace/storage',
    '@millrace/webhooks',
  ],
}

/** What a lib needs beside contracts and async. Each has its reason; meant to stay few. */
const LIB_EDGES: readonly { from: string; to: string; why: string }[] = [
  {
    from: 'libs/host',
    to: '@millrace/runner',
    why: 'where the programs of a runner lie, and what both ends of the pipe keep',
  },
  {
    from: 'libs/host',
    to: '@millrace/model',
    why: 'files of an answer are opened as the author’s own code opens them',
  },
  {
    from: 'libs/queue',
    to: '@millrace/schema',
    why: 'the contract of a model leaves out what schemas only tell people',
  },
  { from: 'libs/host', to: '@millrace/schema', why: 'answers are checked by the schemas of their model' },
  { from: 'libs/hooks', to: '@millrace/process', why: 'a module that cannot be loaded is a fault of a setting' },
  { from: 'libs/host', to: '@millrace/process', why: 'names of settings, and where programs are found' },
]

/** Paths that tests may take from outside of a workspace into it. Everything else goes through its package name. */
const BACK_DOORS: readonly Exception[] = [
  { path: 'test/support/', why: 'what all tests share, such as `until`; it is no package' },
  { path: 'test/browser/open-browser.ts', why: 'the one Chromium of all tests' },
  {
    path: 'libs/async/src/lifecycle/lifecycle.suite.ts',
    why: 'the one suite of all that starts and stops; a front door hands out no tests',
  },
  { path: 'apps/cli/bin/millrace.mjs', why: 'the command as a user starts it' },
  {
    path: 'apps/cli/src/input/read-input.ts',
    why: 'the command lines that the web page shows are read by the command itself',
  },
  { path: 'apps/web/src/', why: 'the web page publishes nothing; its forms are held against the checks of the server' },
  { path: 'apps/cli/src/run-cli.ts', why: 'the command, where dozens of processes would take too long' },
  {
    path: 'apps/runner/python/',
    why: 'Python has no package of ours to import; its programs are started by their path',
  },
  { path: 'clients/python/', why: 'a package of Python, which is built and installed from its folder' },
  { path: 'models/', why: 'models are found in folders; nobody imports them' },
  { path: 'docs/', why: 'a page is held against what it promises' },
  { path: 'node_modules/', why: 'what is installed, for a model in a folder elsewhere' },
  { path: 'scripts/', why: 'the renderers of generated files, which no package publishes' },
  {
    path: 'libs/host/src/runners/',
    why: 'the runner suite breaks runners from inside; the host does not publish them',
  },
  {
    path: 'apps/api/src/input/validate-input.ts',
    why: 'the schemas of Python models are held against the very checks they will meet',
  },
]

/** Files that look at the repository as a whole. */
const WHOLE_HOUSE: readonly Exception[] = [
  { path: 'apps/cli/bin/', why: 'the command translates the source of the whole house' },
  { path: 'scripts/', why: 'they are the tools of the repository' },
  { path: 'test/', why: 'copies of the house, files of the root, and the laws themselves' },
]

/** The one room of each vendor: swapping it touches one folder. */
const VENDORS: readonly { pattern: RegExp; room: string }[] = [
  { pattern: /^(ioredis|bullmq)$/, room: 'libs/queue/' },
  { pattern: /^@aws-sdk\//, room: 'libs/storage/' },
  { pattern: /^@modelcontextprotocol\/server$/, room: 'apps/api/src/dialects/mcp/' },
  { pattern: /^(hono|@hono\/.*)$/, room: 'apps/api/' },
  { pattern: /^(preact|@preact\/.*)$/, room: 'apps/web/' },
  { pattern: /^pino$/, room: 'libs/process/' },
  { pattern: /^(ajv|ajv-formats|re2js|@eslint-community\/regexpp)$/, room: 'libs/schema/' },
  { pattern: /^(sharp|tesseract\.js|onnxruntime-.*)$/, room: 'models/' },
]

/** Tests that hold what the room makes against the vendor itself. */
const VENDOR_GUESTS: readonly Exception[] = [
  { path: 'apps/api/src/service/document.property.test.ts', why: 'the document is judged by a validator as it comes' },
  {
    path: 'apps/api/src/dialects/mcp/tools/tool-schemas.test.ts',
    why: 'the schemas of tools are read by validators as they come',
  },
]

/** Imports point down: apps to libs to contracts; api and worker never meet. */
export const layerLaw: Law = (house) =>
  eachImport(house, ({ path }, specifier) => {
    const name = packageOf(specifier)
    const target = house.manifests.find((manifest) => manifest.name === name)
    if (target === undefined || isTest(path)) return undefined
    const { folder } = homeOf(house, path)
    const room = LAYERS[folder] ?? LAYERS[`${folder.split('/')[0]}/`]
    if (room === undefined || room.includes(target.name) || target.folder === folder) return undefined
    if (LIB_EDGES.some(({ from, to }) => from === folder && to === target.name)) return undefined
    return `${path} imports ${target.name}, but ${folder} may import only ${room.join(', ') || 'nothing of ours'}`
  })

/** A workspace is entered by its package name, at its front door or another that its package.json opens. */
export const frontDoorLaw: Law = (house) =>
  eachImport(house, ({ path }, specifier) => {
    const home = homeOf(house, path)
    if (!specifier.startsWith('.')) {
      const name = packageOf(specifier)
      const ours = house.manifests.find((manifest) => manifest.name === name && manifest.folder !== '')
      const isDoor = ours === undefined || ours.doors.includes(specifier.replace(ours.name, '.'))
      return isDoor ? undefined : `${path} imports ${specifier}; import ${name} itself`
    }
    const target = posix.join(posix.dirname(path), specifier).replace(/\/$/, '')
    const host = homeOf(house, target)
    if (host.folder === home.folder || (target === '.' && isExcepted(WHOLE_HOUSE, path))) return undefined
    if (isTest(path) && isExcepted(BACK_DOORS, target)) return undefined
    return `${path} reaches into ${host.folder || 'the root'} by path (${specifier}); import ${host.name} instead`
  })

/** A package imports only what its own package.json lists. Tests may use the root's tools too. */
export const manifestLaw: Law = (house) => {
  const root = homeOf(house, '')
  return eachImport(house, ({ path }, specifier) => {
    const name = packageOf(specifier)
    if (name === undefined) return undefined
    const home = homeOf(house, path)
    const listed = [...home.dependencies, home.name]
    if (isTest(path)) listed.push(...home.devDependencies, ...root.devDependencies)
    if (home === root) listed.push(...root.devDependencies, ...house.manifests.map((manifest) => manifest.name))
    if (listed.includes(name)) return undefined
    return `${path} imports ${name}; list it in ${home.folder ? `${home.folder}/` : ''}package.json`
  })
}

/** Each vendor is known in one room. */
export const vendorLaw: Law = (house) =>
  eachImport(house, ({ path }, specifier) => {
    if (isExcepted(VENDOR_GUESTS, path)) return undefined
    const name = packageOf(specifier) ?? ''
    const vendor = VENDORS.find(({ pattern }) => pattern.test(name))
    // The test workspace looks at Redis and S3 from outside, to see what the house really wrote. Examples are the code of
    // a user, who picks vendors of their own.
    if (vendor === undefined || [vendor.room, 'test/', 'examples/'].some((room) => path.startsWith(room)))
      return undefined
    return `${path} imports ${name}; only ${vendor.room} may`
  })

type Judge = (file: TextFile, specifier: string) => string | undefined

function eachImport(house: House, judge: Judge): string[] {
  return modulesOf(house).flatMap((file) => specifiersOf(file).flatMap((specifier) => judge(file, specifier) ?? []))
}

const specifiersOf = (file: TextFile): string[] => [
  ...new Set(readModule(file).imports.map(({ specifier }) => specifier)),
]
