#!/usr/bin/env node
// Starts the `millrace` command: from its translation, made anew when the source has changed, else by way of tsx.
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { nameSources } from '@millrace/runner/bin/name-sources.mjs'
import { translateHouse } from './translate-house.mjs'

const folder = await translateHouse(fileURLToPath(new URL('../../..', import.meta.url)))
if (folder === undefined) {
  const { register } = await import('tsx/esm/api')
  register()
  await import('../src/main.ts')
} else {
  nameSources(folder)
  await import(pathToFileURL(join(folder, 'main.mjs')).href)
}
