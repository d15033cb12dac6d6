#!/usr/bin/env node
/**
 * Starts the `millrace` command: from its translation, made anew when the source has changed, else by way of tsx. The
 * first file that a person's shell or an image runs; what it imports before it has looked at the packages uses none.
 */
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { findPackagesFault } from './find-packages-fault.mjs'
import { findTranslation } from './find-translation.mjs'

/** The same as in exit-codes.ts, which cannot be loaded yet. */
const SET_UP_WRONGLY = 2

const root = fileURLToPath(new URL('../../..', import.meta.url)).replace(/[\\/]$/, '')
const found = findTranslation(root)
// A translation is named by its packages too: nothing was missing when it was made.
const fault = found === undefined ? findPackagesFault(root) : undefined
if (fault === undefined) await start(found ?? (await translate()))
else {
  console.error(fault)
  process.exitCode = SET_UP_WRONGLY
}

async function translate() {
  const { translateHouse } = await import('./translate-house.mjs')
  return translateHouse(root)
}

/** From the source where there is no translation. */
async function start(folder) {
  if (folder === undefined) {
    const { register } = await import('tsx/esm/api')
    register()
    await import('../src/main.ts')
  } else {
    const { nameSources } = await import('@millrace/runner/bin/name-sources.mjs')
    nameSources(folder)
    await import(pathToFileURL(join(folder, 'main.mjs')).href)
  }
}
