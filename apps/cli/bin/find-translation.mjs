/**
 * Where the translation of the source is, by the state of source and packages. Called by millrace.mjs at each start,
 * before it is known that there are packages, so it uses Node alone; and by translate-house.mjs, which makes it.
 */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The folder of the translation that fits; undefined when there is none. Takes a few milliseconds. */
export function findTranslation(root) {
  try {
    const folder = translationFolder(root)
    return existsSync(folder) ? folder : undefined
  } catch {
    return undefined
  }
}

/** Where it is, or belongs. Throws where the source cannot be read. */
export const translationFolder = (root) => join(root, 'node_modules', '.cache', 'millrace', fingerprint(root))

/** Names what the translation is made of, by content: times of files say nothing after a checkout or in an image. */
function fingerprint(root) {
  const hash = createHash('sha256').update(root)
  const locks = ['node_modules/.package-lock.json', 'package-lock.json'].map((name) => join(root, name))
  const files = [...sourcesBelow(join(root, 'apps')), ...sourcesBelow(join(root, 'libs')), ...locks.filter(existsSync)]
  for (const file of files) hash.update(`\0${file}\0`).update(readFileSync(file))
  return hash.digest('hex').slice(0, 24)
}

function sourcesBelow(folder) {
  const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : sourcesBelow(path)
    return /\.(ts|mjs|json)$/.test(entry.name) && !/\.(test|fixture)\.ts$/.test(entry.name) ? [path] : []
  })
}
