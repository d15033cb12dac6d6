/**
 * Where the programs lie that a worker starts as child processes. Nothing of them is imported by who starts them: the
 * two meet in the protocol (`runner-protocol.ts` in contracts). Called by what starts runners.
 */
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

/** The folder of the Python programs: `run_model.py`, `missing_imports.py`. Ends with a slash. */
export const PYTHON_PROGRAMS = fileURLToPath(new URL('../python/', import.meta.url))

/**
 * What Node is given to start the process of a TypeScript model, before the model's file and the worker's pid. In a
 * translation (translate-house.mjs) the start of a runner lies beside this code. From the source it takes several times
 * the processor time, for tsx translates each module.
 */
export function nodeProgram(): string[] {
  const translated = join(import.meta.dirname, 'node-runner.mjs')
  if (existsSync(translated)) return [translated]
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
  return ['--import', tsx, fileURLToPath(new URL('./node/node-runner-main.ts', import.meta.url))]
}
