/**
 * Where the API of this program gets the web page from. In a translation (translate-house.mjs) its files lie beside this code; else
 * they are made in memory, in half a second. Given to the API by services.ts.
 */
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { PageFile } from '@millrace/web/bin/bundle-page.mjs'

export async function readPage(): Promise<PageFile[]> {
  const folder = join(import.meta.dirname, 'page')
  if (!existsSync(folder)) {
    const { bundlePage } = await import('@millrace/web/bin/bundle-page.mjs')
    return bundlePage()
  }
  const names = await readdir(folder)
  return Promise.all(names.map(async (name) => ({ name, bytes: await readFile(join(folder, name)) })))
}
