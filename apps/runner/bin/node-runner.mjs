/**
 * Starts a runner from the translation: node-runner.mjs <model file> <pid of the worker>. Its translation lies beside the
 * code that starts it (libs/host/src/runners/node-runner.ts).
 */
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { nameSources } from './name-sources.mjs'
import { translateModel } from './translate-model.mjs'

const house = import.meta.dirname
const translated = await translateModel(process.argv[2], house)
if (translated === undefined) {
  // Runner and model both run from the source, so that they share their modules.
  await import(pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href)
  await import(new URL('../src/node/node-runner-main.ts', import.meta.url).href)
} else {
  nameSources(house)
  process.argv[2] = translated
  await import(pathToFileURL(join(house, 'node-runner-main.mjs')).href)
}
