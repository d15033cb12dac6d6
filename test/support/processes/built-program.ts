/**
 * A program of a test in TypeScript, ready to be started by Node alone. A start through tsx takes half a second of processor
 * time, and some tests start dozens. Called by tests that start processes of their own.
 */
import { build } from 'esbuild'
import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

/** Below the clone, so that the program finds the packages. */
const CACHE = fileURLToPath(new URL('../../../node_modules/.cache/', import.meta.url))
const OWN_ADDRESS = createRequire(import.meta.url).resolve('@millrace/runner/bin/own-address.mjs')

/** The path of the program, made of `source` and all that it imports of ours. It is deleted when this process ends. */
export async function builtProgram(source: URL): Promise<string> {
  const { ownAddress } = (await import(pathToFileURL(OWN_ADDRESS).href)) as { ownAddress(): import('esbuild').Plugin }
  const folder = mkdtempSync(join(CACHE, 'millrace-program-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const path = fileURLToPath(source)
  const program = join(folder, `${basename(path, '.ts')}.mjs`)
  await build({
    entryPoints: [path],
    outfile: program,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    logLevel: 'silent',
    plugins: [packagesApart, ownAddress()],
  })
  return program
}

/** Installed packages are loaded from where they are; code of ours goes into the program. */
const packagesApart: import('esbuild').Plugin = {
  name: 'packages-apart',
  setup({ onResolve, resolve }) {
    onResolve({ filter: /^[^./]/ }, async ({ path, kind, importer, resolveDir, pluginData }) => {
      if (path.startsWith('node:') || path.startsWith('@millrace/') || pluginData === packagesApart) return undefined
      const found = await resolve(path, { kind, importer, resolveDir, pluginData: packagesApart })
      if (found.errors.length > 0) return { errors: found.errors }
      return { path: pathToFileURL(found.path).href, external: true }
    })
  },
}
