/**
 * Makes the files that a browser loads: one page, one style sheet, one script and those that it loads later. Called by translate-house.mjs when it translates the
 * house, and by the CLI where there is no translation.
 */
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'

const SOURCE = fileURLToPath(new URL('../src/', import.meta.url))
/** The folder of script and style sheet, relative to the page. */
const ASSETS = 'ui/'

const OPTIONS = {
  absWorkingDir: SOURCE,
  entryPoints: { page: 'main.tsx' },
  entryNames: '[name]-[hash]',
  outdir: 'page',
  write: false,
  bundle: true,
  minify: true,
  format: 'esm',
  platform: 'browser',
  target: 'es2022',
  // In place of what tsconfig.json says, which is for the checker of types.
  tsconfigRaw: '{}',
  jsxFactory: 'jsxNode',
  jsxFragment: 'jsxFragment',
  inject: [fileURLToPath(new URL('./jsx-node.mjs', import.meta.url))],
  legalComments: 'none',
  charset: 'utf8',
  logLevel: 'silent',
}

/** Resolves with `index.html` and what it names; the names of all others tell their content. Rejects when it cannot be built. */
export async function bundlePage() {
  const esbuild = await import('esbuild')
  try {
    const [styles, scripts] = await Promise.all([
      esbuild.build({ ...OPTIONS }),
      // What a screen loads later brings no style sheet with it: one has them all.
      esbuild.build({ ...OPTIONS, splitting: true, loader: { '.css': 'empty' } }),
    ])
    const outputs = [...scripts.outputFiles, ...styles.outputFiles.filter(({ path }) => path.endsWith('.css'))]
    const files = outputs.map(({ path, contents }) => ({ name: basename(path), bytes: contents }))
    const nameOf = (ending) => ASSETS + files.find(({ name }) => name.startsWith('page-') && name.endsWith(ending)).name
    const page = (await readFile(new URL('../src/index.html', import.meta.url), 'utf8'))
      .replace('{{style}}', nameOf('.css'))
      .replace('{{script}}', nameOf('.js'))
      .replace('{{shared}}', ASSETS + files.find(({ name }) => name.startsWith('chunk-')).name)
    return [{ name: 'index.html', bytes: new TextEncoder().encode(page) }, ...files]
  } finally {
    // Without this, its process would stay as long as ours.
    await esbuild.stop()
  }
}
