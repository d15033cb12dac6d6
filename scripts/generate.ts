// `npm run generate`: writes the files that are made from code, and names those that changed.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { renderFiles } from './render-files.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const read = (path: string): string => (existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : '')

for (const [path, text] of Object.entries(renderFiles(read))) {
  if (read(path) === text) continue
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
  console.log(`wrote ${path}`)
}
