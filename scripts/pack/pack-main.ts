/** `npm run pack`: makes the packages that are published, in dist/, and says what they weigh. */
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { packPackages } from './pack-packages.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const { npm_execpath: npm } = process.env
const kb = (bytes: number): string => `${(bytes / 1024).toFixed(0)} KB`.padStart(9)

for (const { path, size, unpackedSize, budgetKb, files } of await packPackages(
  root,
  join(root, 'dist'),
  npm?.endsWith('.js') ? [process.execPath, npm] : ['npm'],
)) {
  const room = `of at most ${kb(budgetKb * 1024).trim()}`
  console.log(
    `${relative(process.cwd(), path).padEnd(36)}${kb(size)} ${room.padEnd(19)}${kb(unpackedSize)} unpacked, ${files.length} files`,
  )
}
