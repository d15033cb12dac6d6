/**
 * Walks the folder store's root: makes folders, lists and deletes objects, and stays inside. A symbolic link below the
 * root is never followed, whoever put it there. Called by FolderStore alone.
 *
 * The key `jobs/a/scan.png` is the file `jobs/a/scan.png@object`: keys are percent-encoded, so no folder can end in the
 * suffix, and `a` and `a/b` can both be keys, as on S3.
 */
import type { Dirent } from 'node:fs'
import { lstat, mkdir, open, readdir, realpath, rmdir, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { decodePart, encodePart, RESERVED } from '../rules/object-key.ts'
import { StorageError } from '../port/storage-error.ts'

const SUFFIX = '@object'

/** Absolute path of the file of an object. */
export const pathOf = (root: string, key: string): string => `${join(root, ...key.split('/').map(encodePart))}${SUFFIX}`

/** Absolute path of the folder that a prefix names; the root for an empty one. */
export const folderOf = (root: string, prefix: string): string =>
  join(root, ...prefix.split('/').filter(Boolean).map(encodePart))

/**
 * Makes every folder on the way to `folder`, each only inside a real folder, so that no link is followed. They survive a
 * power cut.
 */
export async function makeFolder(root: string, folder: string): Promise<void> {
  if (await isRealFolder(folder)) return
  if (folder === root) throw new StorageError('unavailable', 'the folder of the store is gone')
  const parent = dirname(folder)
  await makeFolder(root, parent)
  if (await mkdirOnce(folder)) await syncFolder(parent)
}

/** False when there is no such folder. Throws `invalid_key` when a link is somewhere on the way to it. */
export async function isRealFolder(folder: string): Promise<boolean> {
  try {
    if ((await realpath(folder)) === folder) return true
  } catch (error) {
    if (isAbsent(error)) return false
    throw error
  }
  throw leavesRoot()
}

export const leavesRoot = () => new StorageError('invalid_key', 'the object key leads through a link')

/** Makes a new link or a new folder inside it survive a power cut. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Keys and paths of the objects below a folder. */
export async function* filesBelow(root: string, prefix: string): AsyncGenerator<{ key: string; path: string }> {
  const folder = folderOf(root, prefix)
  for (const entry of await entriesOf(folder)) {
    if (prefix === '' && entry.name === RESERVED) continue
    if (entry.isFile() && entry.name.endsWith(SUFFIX)) {
      yield { key: prefix + decodePart(entry.name.slice(0, -SUFFIX.length)), path: join(folder, entry.name) }
    } else if (entry.isDirectory()) {
      yield* filesBelow(root, `${prefix}${decodePart(entry.name)}/`)
    }
  }
}

/**
 * Deletes a folder with everything in it. Of a link it deletes the link and not its target. Returns how many objects there
 * were.
 */
export async function deleteFolder(folder: string): Promise<number> {
  let deleted = 0
  for (const entry of await entriesOf(folder)) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) deleted += await deleteFolder(path)
    else if ((await unlinkOnce(path)) && entry.name.endsWith(SUFFIX)) deleted += 1
  }
  // A put that runs at the same time may have added something here. Then the folder stays.
  await deleteEmpty(folder)
  return deleted
}

/** Files of a folder that nobody has written to since `before` (milliseconds of Unix time). */
export async function* filesUnwrittenSince(
  folder: string,
  before: number,
): AsyncGenerator<{ name: string; path: string; writtenAt: number }> {
  for (const { name } of await entriesOf(folder)) {
    const path = join(folder, name)
    const stats = await lstat(path).catch(() => undefined)
    if (stats?.isFile() && stats.mtimeMs < before) yield { name, path, writtenAt: stats.mtimeMs }
  }
}

/** Deletes a folder if it is empty. */
export async function deleteEmpty(folder: string): Promise<void> {
  await rmdir(folder).catch((error: unknown) => {
    if (!isAbsent(error) && codeOf(error) !== 'ENOTEMPTY' && codeOf(error) !== 'EEXIST') throw error
  })
}

/** Deletes a file; false when there was none. */
export async function unlinkOnce(path: string): Promise<boolean> {
  return unlink(path).then(
    () => true,
    (error: unknown) => {
      if (isAbsent(error)) return false
      throw error
    },
  )
}

export const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException | undefined)?.code

export const isAbsent = (error: unknown): boolean => codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR'

async function mkdirOnce(folder: string): Promise<boolean> {
  return mkdir(folder).then(
    () => true,
    (error: unknown) => {
      if (codeOf(error) === 'EEXIST') return false
      throw error
    },
  )
}

async function entriesOf(folder: string): Promise<Dirent[]> {
  return readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    if (isAbsent(error)) return []
    throw error
  })
}
