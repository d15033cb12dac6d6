/** Puts together the package of a library: JavaScript, declarations, and what its author says of it. Called by pack-packages.ts. */
import { cpSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import { copyDeclarations } from './emit-declarations.ts'
import type { PublishedPackage } from './published.ts'
import { dependenciesOf, writeManifest } from './write-manifest.ts'

/** What an author of a model also imports by name must be one for both. */
const PEERS: Readonly<Record<string, Record<string, string>>> = { '@millrace/model': { zod: '^4.6.7' } }

/** The client sends bodies as each platform can. Which file does is chosen where it is imported. */
const CHOSEN = { node: './src/files/upload-body-node.ts', default: './src/files/upload-body-web.ts' }

/** `declarations`: where emit-declarations.ts wrote them. */
export async function stageLibrary(root: string, folder: string, declarations: string, about: PublishedPackage) {
  const room = join(root, about.room)
  const isClient = about.name === '@millrace/client'
  const chosen: Record<string, string> = isClient
    ? { 'upload-body-node': CHOSEN.node, 'upload-body-web': CHOSEN.default }
    : {}
  mkdirSync(folder, { recursive: true })
  await build({
    absWorkingDir: room,
    entryPoints: { index: './src/index.ts', ...chosen },
    outdir: join(folder, 'dist'),
    bundle: true,
    splitting: true,
    format: 'esm',
    // Every address of a package stays as it is, that of the chosen file too.
    packages: 'external',
    external: ['#upload-body'],
    platform: isClient ? 'neutral' : 'node',
    target: 'es2023',
    logLevel: 'silent',
  })
  copyDeclarations(join(declarations, about.room, 'src'), join(folder, 'types'))
  const entry = { types: './types/index.d.ts', default: './dist/index.js' }
  const peerDependencies = PEERS[about.name] ?? {}
  const listed = Object.entries(dependenciesOf(root, [about.room]))
  writeManifest(root, folder, about, {
    sideEffects: false,
    exports: { '.': entry, './package.json': './package.json' },
    main: entry.default,
    types: entry.types,
    ...(isClient && {
      imports: { '#upload-body': { node: './dist/upload-body-node.js', default: './dist/upload-body-web.js' } },
    }),
    files: ['dist', 'types'],
    dependencies: Object.fromEntries(listed.filter(([name]) => peerDependencies[name] === undefined)),
    ...(PEERS[about.name] && { peerDependencies }),
  })
  for (const [from, name] of [[room, 'README.md'] as const, [root, 'LICENSE'] as const]) {
    cpSync(join(from, name), join(folder, name))
  }
}
