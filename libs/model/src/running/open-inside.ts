/**
 * Opens files that a model names, and nothing else. Both sides of the pipe use it, because neither trusts the other.
 */
import { constants } from 'node:fs'
import { type FileHandle, open, realpath } from 'node:fs/promises'
import { basename, dirname, relative, resolve, sep } from 'node:path'
import { InvalidOutputError } from '../model-errors.ts'

// Non-blocking, so that a named pipe is refused at once instead of waited for.
const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK

/**
 * Where a path leads, relative to the folder and without symlinks, except that its last part may be one. `path` may be
 * absolute or relative to the folder. Rejects with InvalidOutputError when it leads outside, or when its own folder is
 * missing.
 */
export async function resolveInside(folder: string, path: string): Promise<string> {
  if (path.includes('\0')) throw new InvalidOutputError('the path of a file holds a null character')
  const asked = resolve(folder, path)
  const [root, parent] = await Promise.all([realpath(folder), realpath(dirname(asked))]).catch(refuse)
  const steps = relative(root, resolve(parent, basename(asked)))
  if (steps === '' || steps === '..' || steps.startsWith(`..${sep}`)) {
    throw new InvalidOutputError("a file lies outside the run's folder")
  }
  return steps
}

/**
 * Opens a regular file inside a folder for reading. The caller closes it. Rejects with InvalidOutputError for a path
 * that leads outside, a symlink, and anything that is not a regular file.
 */
export async function openInside(folder: string, path: string): Promise<FileHandle> {
  const handle = await open(resolve(folder, await resolveInside(folder, path)), FLAGS).catch(refuse)
  const stats = await handle.stat()
  if (stats.isFile()) return handle
  await handle.close()
  throw new InvalidOutputError('a file of the output is not a regular file')
}

function refuse(error: unknown): never {
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown'
  throw new InvalidOutputError(`a file of the output cannot be opened (${code})`, { cause: error })
}
