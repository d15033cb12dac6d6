/** Makes Millrace's own code JavaScript, once per state of the source. Called by millrace.mjs where no translation fits. */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ownAddress } from '@millrace/runner/bin/own-address.mjs'
import { translationFolder } from './find-translation.mjs'

/**
 * What is started or imported by name; the rest is parts that these share or load when they need them. Places of files
 * and no imports: the whole house is translated.
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
 * Packages that stay files of their own: msgpackr looks for its native part beside itself, esbuild and tsx start
 * programs from their folders, and the AWS SDK loads no faster as one file but takes a third of the time to translate.
 */
const APART = /^(@aws-sdk\/.*|esbuild|msgpackr|tsx(\/.*)?)$/
/** A name that no module has. */
const REQUIRE = '__createRequireOfTranslation'
/** Older translations may have running processes, which load a part now and then. */
const KEPT = 5
const LONGEST_WORK_MS = 60_000

/**
 * Makes the translation of the source as it is now, in about a second, and gives its folder. Undefined when none can be
 * made: no esbuild, no right to write, or a source that cannot be translated.
 */
export async function translateHouse(root) {
  try {
    const folder = translationFolder(root)
    // Under a name of its own until it is whole: others may be starting, and may be killed, at this moment.
    const draft = `${folder}.${process.pid}.draft`
    try {
      mkdirSync(draft, { recursive: true })
      await translate(root, draft)
      // Saved meanwhile: the draft may hold some of both.
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
    const { metafile } = await esbuild.build({
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
      metafile: true,
      logLevel: 'silent',
      // Packages that are CommonJS ask for Node's own modules by it.
      banner: {
        js: `import { createRequire as ${REQUIRE} } from 'node:module'; const require = ${REQUIRE}(import.meta.url);`,
      },
      plugins: [apart, ownAddress()],
    })
    writeFileSync(join(folder, 'shared.json'), JSON.stringify(sharedWithModels(root, metafile)))
  } finally {
    // Else its process stays as long as ours.
    await esbuild.stop()
  }
}

/** Which source became which file, of what a model imports: so it gets the very same modules as its runner. */
function sharedWithModels(root, { outputs }) {
  const entries = Object.entries(outputs).flatMap(([file, { entryPoint }]) =>
    entryPoint === undefined ? [] : [[join(root, entryPoint), basename(file)]],
  )
  return Object.fromEntries(entries.filter(([, file]) => file === 'model.mjs' || file === 'zod.mjs'))
}

const apart = {
  name: 'apart',
  setup(build) {
    build.onResolve({ filter: APART }, async ({ path, kind, importer, resolveDir, pluginData }) => {
      if (pluginData === apart) return undefined
      const found = await build.resolve(path, { kind, importer, resolveDir, pluginData: apart })
      if (found.errors.length > 0) return { errors: found.errors }
      // By its place, for the translation lies elsewhere than whoever imports it.
      const isRequired = kind === 'require-call' || kind === 'require-resolve'
      return { path: isRequired ? found.path : pathToFileURL(found.path).href, external: true }
    })
  },
}

function settle(draft, folder) {
  try {
    renameSync(draft, folder)
  } catch (error) {
    // Somebody else was faster with the same.
    if (!existsSync(folder)) throw error
  }
}

/** Also the drafts that nobody is at work on any more: whoever made them was killed. */
function forgetOldest(cache, current) {
  const found = readdirSync(cache).map((name) => join(cache, name))
  const madeAt = new Map(found.map((path) => [path, statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0]))
  const isDraft = (path) => path.endsWith('.draft')
  const abandoned = found.filter((path) => isDraft(path) && madeAt.get(path) < Date.now() - LONGEST_WORK_MS)
  const newestFirst = found.filter((path) => !isDraft(path)).sort((a, b) => madeAt.get(b) - madeAt.get(a))
  const old = newestFirst.slice(KEPT).filter((path) => path !== current)
  for (const path of [...abandoned, ...old]) rmSync(path, { recursive: true, force: true })
}
