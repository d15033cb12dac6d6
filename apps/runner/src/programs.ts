/**
 * The paths of the programs that a host starts as child processes. The host imports no code of them; they meet only in
 * the protocol (`runner-protocol.ts` in contracts). Called by libs/host.
 */
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

/** The folder of the Python programs: `run_model.py`, `missing_imports.py`. Ends with a slash. */
export const PYTHON_PROGRAMS = fileURLToPath(new URL('../python/', import.meta.url))

/**
 * The arguments for Node that start the process of a TypeScript model; the model's file and the worker's pid follow. In
 * a translation (translate-house.mjs) the program of the runner is beside this code. Without a translation the start
 * takes several times the processor time, because tsx translates every module.
 */
export function nodeProgram(): string[] {
  const translated = join(import.meta.dirname, 'node-runner.mjs')
  if (existsSync(translated)) return [translated]
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
  return ['--import', tsx, fileURLToPath(new URL('./node/node-runner-main.ts', import.meta.url))]
}
