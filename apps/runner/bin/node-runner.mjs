/**
 * Starts a runner from the translation: node-runner.mjs <model file> <pid of the worker>. Its translation lies beside the
 * code that starts it (libs/host/src/runners/node-runner.ts).
 */
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { lendKit } from './lend-kit.mjs'
import { nameSources } from './name-sources.mjs'
import { translateModel } from './translate-model.mjs'

const house = import.meta.dirname
const fromHouse = pathToFileURL(join(house, 'node-runner-main.mjs')).href
const translated = await translateModel(process.argv[2], house)
if (translated === undefined) {
  await import(pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href)
  lendKit(import.meta.url)
  // Where the source is, runner and model both run from it, so that they share their modules. An installed Millrace has
  // none: there they share the installed package.
  const source = new URL('../src/node/node-runner-main.ts', import.meta.url)
  await import(existsSync(fileURLToPath(source)) ? source.href : fromHouse)
} else {
  nameSources(house)
  process.argv[2] = translated
  await import(fromHouse)
}
