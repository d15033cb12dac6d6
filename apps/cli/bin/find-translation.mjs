/**
 * Finds the translation that fits the source and the packages. Called by millrace.mjs at each start, before it knows that
 * there are packages, so it uses Node alone. translate-house.mjs, which makes the translation, uses it too.
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

/** The folder of the translation, whether it exists yet or not. Throws when the source cannot be read. */
export const translationFolder = (root) => join(root, 'node_modules', '.cache', 'millrace', fingerprint(root))

/** Names the translation by the content of its sources. Times of files are no help: a checkout or an image changes them. */
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
    return /\.(tsx?|mjs|json|css|html)$/.test(entry.name) && !/\.(test|fixture)\.tsx?$/.test(entry.name) ? [path] : []
  })
}
