/** A plugin of esbuild that lets a module find what lies beside its source. Called by both translations. */
import { readFile } from 'node:fs/promises'
import { extname } from 'node:path'
import { pathToFileURL } from 'node:url'

const LOADERS = { '.tsx': 'tsx', '.jsx': 'jsx', '.ts': 'ts', '.mts': 'ts', '.cts': 'ts' }

/**
 * In the translation, `import.meta.url` still is the address of the source: scripts, assets and package.json are found
 * from there. Where the running code lies is told by `import.meta.dirname`. Packages are left as they are.
 * `onSource` hears the path and text of each module.
 */
export const ownAddress = (onSource = () => {}) => ({
  name: 'own-address',
  setup(build) {
    build.onLoad({ filter: /\.[cm]?[jt]sx?$/ }, async ({ path }) => {
      if (/[\\/]node_modules[\\/]/.test(path)) return undefined
      const source = await readFile(path, 'utf8')
      onSource(path, source)
      const address = JSON.stringify(pathToFileURL(path).href)
      return {
        contents: source.replace(/\bimport\.meta\.url\b/g, () => address),
        loader: LOADERS[extname(path)] ?? 'js',
      }
    })
  },
})
