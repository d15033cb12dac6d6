/** Puts the files of a local run's input where a worker would put them. Called by local-model.ts. */
import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { safeFileName } from '@millrace/contracts'
import type { RunRequest } from '../runner.ts'

/** A file for an input: its bytes, or the path where they are. */
export interface LocalFile {
  /** JSON pointer to the place of the file. The input holds null there. */
  pointer: string
  source: Uint8Array | { path: string }
  name: string
  contentType: string
}

/** Puts them into `in/` in the run's folder, which must be new. */
export async function placeFiles(files: LocalFile[], folder: string): Promise<RunRequest['files']> {
  if (files.length > 0) await mkdir(join(folder, 'in'))
  const placed: RunRequest['files'] = []
  for (const [index, { pointer, source, name, contentType }] of files.entries()) {
    const path = join('in', `${index}-${safeFileName(name, 'file', 100)}`)
    if (!(source instanceof Uint8Array)) await copyFile(source.path, join(folder, path), constants.COPYFILE_FICLONE)
    else await writeFile(join(folder, path), source)
    const bytes = await readFile(join(folder, path))
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    placed.push({ pointer, path, name, content_type: contentType, size: bytes.length, sha256 })
  }
  return placed
}
