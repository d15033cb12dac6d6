/**
 * Puts together the package `millrace`: the code of all rooms that the command needs as JavaScript in `dist`, and at their
 * paths in the clone what the code finds beside its source (scripts of Redis, Python, templates). Called by pack-packages.ts.
 */
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, extname, join, relative, sep } from 'node:path'
import { build, type Plugin } from 'esbuild'
import { bundlePage } from '@millrace/web/bin/bundle-page.mjs'
import { copyDeclarations } from './emit-declarations.ts'
import { PROGRAM } from './published.ts'
import { dependenciesOf, isPublished, versionOf, writeManifest } from './write-manifest.ts'

/** Files that are started, or imported by name. */
const ENTRIES = {
  main: 'apps/cli/src/main.ts',
  'node-runner': 'apps/runner/bin/node-runner.mjs',
  'node-runner-main': 'apps/runner/src/node/node-runner-main.ts',
  'check-thread-main': 'libs/schema/src/checks/threads/check-thread-main.ts',
  hooks: 'libs/hooks/src/define-hooks.ts',
}
/** What a runner lends to models (lend-kit.mjs). */
const LENT = {
  'model.mjs': `export * from '@millrace/model'\n`,
  'zod.mjs': `export * from 'zod'\nexport { default } from 'zod'\n`,
}
/** Rooms ask these for their version. */
const VERSIONED = ['apps/cli', 'libs/process']
/** Its files are made here; what they are made of is not needed then. */
const PAGE_ROOM = 'apps/web'
const SOURCE = /\.(ts|tsx|css)$|(^|\/)(package|tsconfig)\.json$|\.pyc$/
const STARTED = /redis-watchdog\.mjs$/

/** `declarations`: where emit-declarations.ts wrote them. */
export async function stageProgram(root: string, folder: string, declarations: string): Promise<void> {
  const inputs = await bundle(root, join(folder, 'dist'))
  for (const [name, text] of Object.entries(LENT)) writeFileSync(join(folder, 'dist', name), text)
  await writePage(join(folder, 'dist', 'page'))
  const rooms = [...new Set(inputs.map(roomOf))].filter((room) => room !== PAGE_ROOM).sort()
  const assets = rooms.flatMap((room) => assetsOf(root, room))
  for (const path of assets) copy(root, folder, path)
  for (const room of VERSIONED) writeVersion(root, folder, room)
  for (const name of readdirSync(join(root, 'docs'))) copy(root, folder, join('docs', name))
  copyDeclarations(join(declarations, 'libs/hooks/src/define-hooks.d.ts'), join(folder, 'types', 'hooks.d.ts'))
  mkdirSync(join(folder, 'bin'))
  cpSync(join(root, 'scripts/pack/start-program.mjs'), join(folder, 'bin/millrace.mjs'))
  chmodSync(join(folder, 'bin/millrace.mjs'), 0o755)
  for (const name of ['LICENSE', '.env.example']) copy(root, folder, name)
  cpSync(join(root, PROGRAM.room, 'README.md'), join(folder, 'README.md'))
  writeManifest(root, folder, PROGRAM, {
    bin: { millrace: './bin/millrace.mjs' },
    exports: {
      './hooks': { types: './types/hooks.d.ts', default: './dist/hooks.mjs' },
      './package.json': './package.json',
    },
    files: ['.env.example', 'bin', 'dist', 'types', 'docs', ...new Set(rooms.map((room) => room.split('/')[0]))],
    // Python and Redis read its files themselves, so they must lie on a disk.
    preferUnplugged: true,
    // A package that the page of the API comes with would tell its makers of each installation.
    scarfSettings: { enabled: false },
    dependencies: dependenciesOf(root, rooms),
  })
}

/** Where read-page.ts of the command looks for it. */
async function writePage(folder: string): Promise<void> {
  mkdirSync(folder)
  for (const { name, bytes } of await bundlePage()) writeFileSync(join(folder, name), bytes)
}

/** Returns the paths of all sources that went into it. */
async function bundle(root: string, outdir: string): Promise<string[]> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: ENTRIES,
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    metafile: true,
    logLevel: 'silent',
    plugins: [vendorsApart, inPackage(root)],
  })
  return Object.keys(metafile.inputs)
}

/** Packages of others stay dependencies, and so do those of ours that are published. */
const vendorsApart: Plugin = {
  name: 'vendors-apart',
  setup({ onResolve }) {
    onResolve({ filter: /^[^./]/ }, ({ path, kind }) => {
      const isInside = kind === 'entry-point' || (path.startsWith('@millrace/') && !isPublished(path))
      return isInside ? undefined : { path, external: true }
    })
  },
}

/** `import.meta.url` is the address that the source would have in the package: what lies beside it in the clone lies there. */
const inPackage = (root: string): Plugin => ({
  name: 'in-package',
  setup({ onLoad }) {
    onLoad({ filter: /\.(ts|mjs)$/ }, ({ path }) => {
      const place = relative(root, path).split(sep).join('/')
      const address = `new URL(${JSON.stringify(`../${place}`)}, import.meta.url).href`
      const contents = readFileSync(path, 'utf8').replace(/\bimport\.meta\.url\b/g, () => address)
      return { contents, loader: extname(path) === '.ts' ? 'ts' : 'js' }
    })
  },
})

/** Such as `libs/queue` of a path in it. */
const roomOf = (path: string): string => path.split('/').slice(0, 2).join('/')

/** What code of a room finds beside itself: all that is neither source nor test. */
function assetsOf(root: string, room: string): string[] {
  const all = readdirSync(join(root, room), { recursive: true, withFileTypes: true })
  const paths = all.filter((entry) => entry.isFile()).map((entry) => relative(root, join(entry.parentPath, entry.name)))
  return paths.filter((path) => {
    if (/(^|\/)(node_modules|__pycache__|test|tests|bin)\//.test(path) || path === join(room, 'README.md')) return false
    return STARTED.test(path) || !(SOURCE.test(path) || path.endsWith('.mjs'))
  })
}

function writeVersion(root: string, folder: string, room: string): void {
  mkdirSync(join(folder, room), { recursive: true })
  const text = JSON.stringify({ private: true, version: versionOf(root), type: 'module' })
  writeFileSync(join(folder, room, 'package.json'), `${text}\n`)
}

function copy(root: string, folder: string, path: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  cpSync(join(root, path), join(folder, path))
}
