#!/usr/bin/env node
/**
 * Starts the `millrace` command from its translation, which is made again when the source has changed. Without a
 * translation tsx runs the source. This is the first file that a shell or an image runs. Until it has checked the
 * packages, it imports only files that need no package.
 */
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { findPackagesFault } from './find-packages-fault.mjs'
import { findTranslation } from './find-translation.mjs'

/** The exit code of `FAULTS.packages_missing`. The table cannot be loaded yet; a test holds the two equal. */
const SET_UP_WRONGLY = 2

const root = fileURLToPath(new URL('../../..', import.meta.url)).replace(/[\\/]$/, '')
const found = findTranslation(root)
// The name of a translation depends on the packages too. So when one is found, no package is missing.
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

/** Runs the translation in `folder`, or the source when there is none. */
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
