/**
 * The program of the TypeScript runner as a worker starts it: translated. From the source it takes several times the processor
 * time. Called by tests that start many runners.
 */
import { execFile } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'

const BIN = fileURLToPath(new URL('../../../apps/cli/bin/millrace.mjs', import.meta.url))
const ROOT = fileURLToPath(new URL('../../../', import.meta.url)).replace(/\/$/, '')

/** The arguments for Node. Translates the clone as it is now, if that was not done yet. */
export async function translatedRunner(): Promise<string[]> {
  // Any command makes the translation.
  await promisify(execFile)(process.execPath, [BIN, 'version'])
  const { findTranslation } = (await import(pathToFileURL(join(dirname(BIN), 'find-translation.mjs')).href)) as {
    findTranslation(root: string): string | undefined
  }
  const folder = findTranslation(ROOT)
  if (folder === undefined) throw new Error('the clone cannot be translated')
  return [join(folder, 'node-runner.mjs')]
}
