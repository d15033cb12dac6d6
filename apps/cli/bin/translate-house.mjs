/**
 * Translates Millrace's own code into JavaScript, once per state of the source. Called by millrace.mjs when no translation
 * fits.
 */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ownAddress } from '@millrace/runner/bin/own-address.mjs'
import { bundlePage } from '@millrace/web/bin/bundle-page.mjs'
import { translationFolder } from './find-translation.mjs'

/**
 * Files that are started, or imported by name. All other code becomes parts that these share or load when needed. They are
 * listed as paths, not imports, because the translation covers all packages.
 */
const ENTRIES = {
  main: 'apps/cli/src/main.ts',
  'node-runner': 'apps/runner/bin/node-runner.mjs',
  'node-runner-main': 'apps/runner/src/node/node-runner-main.ts',
  'check-thread-main': 'libs/schema/src/checks/threads/check-thread-main.ts',
  model: 'libs/model/src/index.ts',
  zod: 'zod',
}
/**
 * Packages that are not put into the translation. msgpackr looks for its native part beside itself. esbuild and tsx start
 * programs from their folders. The AWS SDK loads no faster as one file and takes a third of the time to translate.
 */
const APART = /^(@aws-sdk\/.*|esbuild|msgpackr|tsx(\/.*)?)$/
/** The folder of what a browser loads; `read-page.ts` of the CLI looks there. */
const PAGE = 'page'
/** A name that no module uses. */
const REQUIRE = '__createRequireOfTranslation'
/** How many translations are kept. Running processes may still load parts of older ones. */
const KEPT = 5
const LONGEST_WORK_MS = 60_000

/**
 * Translates the source as it is now, in about a second, and returns the folder. Undefined when it cannot: without esbuild,
 * without the right to write, or when the source cannot be translated.
 */
export async function translateHouse(root) {
  try {
    const folder = translationFolder(root)
    // The draft has a name of its own until it is whole, because other processes may be starting, or may be killed, at this
    // moment.
    const draft = `${folder}.${process.pid}.draft`
    try {
      mkdirSync(draft, { recursive: true })
      await translate(root, draft)
      // The source was saved meanwhile, so the draft may mix old and new.
      if (translationFolder(root) !== folder) return undefined
      settle(draft, folder)
    } finally {
      rmSync(draft, { recursive: true, force: true })
    }
    forgetOldest(dirname(folder), folder)
    return folder
  } catch {
    return undefined
  }
}

async function translate(root, folder) {
  const esbuild = await import('esbuild')
  try {
    await esbuild.build({
      absWorkingDir: root,
      entryPoints: ENTRIES,
      outdir: folder,
      outExtension: { '.js': '.mjs' },
      bundle: true,
      splitting: true,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      sourcemap: true,
      sourcesContent: false,
      logLevel: 'silent',
      // CommonJS packages use it to load Node's own modules.
      banner: {
        js: `import { createRequire as ${REQUIRE} } from 'node:module'; const require = ${REQUIRE}(import.meta.url);`,
      },
      plugins: [apart, ownAddress()],
    })
    // Last, because it ends the process of esbuild.
    const page = join(folder, PAGE)
    mkdirSync(page)
    for (const { name, bytes } of await bundlePage()) writeFileSync(join(page, name), bytes)
  } finally {
    // Without this, its process would stay as long as ours.
    await esbuild.stop()
  }
}

const apart = {
  name: 'apart',
  setup(build) {
    build.onResolve({ filter: APART }, async ({ path, kind, importer, resolveDir, pluginData }) => {
      if (pluginData === apart) return undefined
      const found = await build.resolve(path, { kind, importer, resolveDir, pluginData: apart })
      if (found.errors.length > 0) return { errors: found.errors }
      // By its full path, because the translation lies in another folder than the importing file.
      const isRequired = kind === 'require-call' || kind === 'require-resolve'
      return { path: isRequired ? found.path : pathToFileURL(found.path).href, external: true }
    })
  },
}

function settle(draft, folder) {
  try {
    renameSync(draft, folder)
  } catch (error) {
    // Another process was faster and made the same translation.
    if (!existsSync(folder)) throw error
  }
}

/** Removes old translations, and drafts whose maker was killed. */
function forgetOldest(cache, current) {
  const found = readdirSync(cache).map((name) => join(cache, name))
  const madeAt = new Map(found.map((path) => [path, statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0]))
  const isDraft = (path) => path.endsWith('.draft')
  const abandoned = found.filter((path) => isDraft(path) && madeAt.get(path) < Date.now() - LONGEST_WORK_MS)
  const newestFirst = found.filter((path) => !isDraft(path)).sort((a, b) => madeAt.get(b) - madeAt.get(a))
  const old = newestFirst.slice(KEPT).filter((path) => path !== current)
  for (const path of [...abandoned, ...old]) rmSync(path, { recursive: true, force: true })
}
