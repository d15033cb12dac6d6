/** Makes the entry of a listing for one file of the folder store. Called only by FolderStore. */
import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { readFooter } from './folder-footer.ts'
import { isAbsent } from './folder-tree.ts'
import type { ObjectEntry } from '../port/object-info.ts'

/** The size and time of a listed file. Undefined when it has gone meanwhile. A damaged file counts with all its bytes. */
export async function entryOf(path: string): Promise<Omit<ObjectEntry, 'key'> | undefined> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW).catch((error: unknown) => {
    if (isAbsent(error)) return undefined
    throw error
  })
  if (!file) return undefined
  try {
    const { size: all, mtimeMs: modifiedAt } = await file.stat()
    const size = await readFooter(file).then(
      (footer) => footer.size,
      () => all,
    )
    return { size, modifiedAt }
  } finally {
    await file.close()
  }
}
