/**
 * A plugin of esbuild that lets a module find the files beside its source. Used by both translations: that of Millrace and
 * that of a model.
 */
import { readFile } from 'node:fs/promises'
import { extname } from 'node:path'
import { pathToFileURL } from 'node:url'

const LOADERS = { '.tsx': 'tsx', '.jsx': 'jsx', '.ts': 'ts', '.mts': 'ts', '.cts': 'ts' }

/**
 * In the translation, `import.meta.url` is still the address of the source, so that scripts, assets and package.json are
 * found from there. `import.meta.dirname` is the folder of the running code. Packages are left as they are. `onSource` is
 * called with the path and the text of each module.
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
