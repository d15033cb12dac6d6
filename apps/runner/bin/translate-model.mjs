/** Translates an author's model into JavaScript, once per state of its source. Called by node-runner.mjs at each start. */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { KIT } from './lend-kit.mjs'
import { ownAddress } from './own-address.mjs'

/** Signs of code that depends on the place of the running file, or on a loader in it. A wrong guess only costs time. */
const NEEDS_LOADER = [
  /\bimport\s*\(\s*(?!['"][^'"]*['"]\s*[,)])/,
  /\bimport\.meta\b(?!\.url\b)/,
  /\b(require|createRequire|Worker|fork|__dirname|__filename)\b/,
]

/**
 * Returns the path of one file that holds the model with its own modules. Its packages stay where they are.
 * `@millrace/model` and `zod` become those of the runner when they are the same, or when the model has none. Undefined when
 * tsx must load the model: because it does something that one file cannot, or because the translation cannot be made or
 * written. In the second case tsx shows a better error. `house` is the folder of the runner's own code.
 */
export async function translateModel(modelPath, house) {
  const file = join(house, 'models', `${sha256([modelPath]).slice(0, 24)}.mjs`)
  try {
    const stamp = readStamp(file) ?? (await translate(modelPath, house, file))
    return stamp.needsLoader ? undefined : file
  } catch {
    return undefined
  }
}

/** Reads from the last line of a translation what it was made from. Undefined when that has changed. */
function readStamp(file) {
  if (!existsSync(file)) return undefined
  const stamp = JSON.parse(readFileSync(file, 'utf8').split('\n').at(-1).slice(3))
  const isThere = [...stamp.sources, ...stamp.packages].every((path) => existsSync(path))
  return isThere && stamp.hash === hashOf(stamp.sources) ? stamp : undefined
}

async function translate(modelPath, house, file) {
  const draft = `${file}.${process.pid}.draft`
  // Comes first: when nothing can be written, there is no need to translate.
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(draft, '')
  try {
    const { code, stamp } = await bundle(modelPath, house)
    writeFileSync(draft, `${stamp.needsLoader ? '' : code}\n// ${JSON.stringify(stamp)}`)
    renameSync(draft, file)
    return stamp
  } finally {
    rmSync(draft, { force: true })
  }
}

async function bundle(modelPath, house) {
  const sources = new Map()
  const packages = new Packages(house)
  const esbuild = await import('esbuild')
  try {
    const { outputFiles } = await esbuild.build({
      entryPoints: [modelPath],
      outdir: join(house, 'models'),
      write: false,
      bundle: true,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      sourcemap: 'inline',
      sourcesContent: false,
      logLevel: 'silent',
      plugins: [packages.plugin, ownAddress((path, source) => sources.set(path, source))],
    })
    const needsLoader =
      packages.needLoader || [...sources.values()].some((source) => NEEDS_LOADER.some((sign) => sign.test(source)))
    const paths = [...sources.keys()]
    const hash = sha256(paths.flatMap((path) => [path, sources.get(path)]))
    return {
      code: outputFiles[0].text.trimEnd(),
      stamp: { needsLoader, hash, sources: paths, packages: packages.paths },
    }
  } finally {
    await esbuild.stop()
  }
}

/** Decides what happens to each import of a package in a model. */
class Packages {
  /** The paths of the packages that stay outside the file. */
  paths = []
  needLoader = false
  #house

  constructor(house) {
    this.#house = house
  }

  plugin = {
    name: 'packages',
    setup: (build) => {
      build.onResolve({ filter: /^[^./]/ }, async ({ path, kind, importer, resolveDir, pluginData }) => {
        if (kind === 'entry-point' || pluginData === this) return undefined
        const found = await build.resolve(path, { kind, importer, resolveDir, pluginData: this })
        if (await this.#isLent(build, path, found)) {
          return { path: pathToFileURL(join(this.#house, KIT[path])).href, external: true }
        }
        if (found.errors.length > 0 || found.external) return found
        // A folder of the author's own that is linked into node_modules is part of the model.
        const [folder] = /^.*[\\/]node_modules[\\/](@[^\\/]+[\\/])?[^\\/]+(?=[\\/])/.exec(found.path) ?? []
        if (folder === undefined) return found
        this.paths.push(found.path)
        if (/\.[cm]?tsx?$/.test(found.path) || importsMillrace(folder)) this.needLoader = true
        return { path: pathToFileURL(found.path).href, external: true }
      })
    },
  }

  /** True when the model gets what its runner has: because both find the same, or because the model finds none. */
  async #isLent(build, name, found) {
    if (KIT[name] === undefined) return false
    if (found.errors.length > 0) return true
    const own = await build.resolve(name, { kind: 'import-statement', resolveDir: this.#house, pluginData: this })
    return own.path === found.path
  }
}

/** True for a package for models. It imports packages of ours, which are TypeScript, so a loader is needed. */
const importsMillrace = (folder) => readFileSync(join(folder, 'package.json'), 'utf8').includes('"@millrace/')

const hashOf = (paths) => sha256(paths.flatMap((path) => [path, readFileSync(path)]))

function sha256(parts) {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part).update('\0')
  return hash.digest('hex')
}
