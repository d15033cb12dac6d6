/** Saves the files of an output to a folder. It never writes outside the folder and never over an existing file. */
import { createHash } from 'node:crypto'
import { accessSync, constants, existsSync, statSync } from 'node:fs'
import { type FileHandle, mkdir, open, rm } from 'node:fs/promises'
import { dirname, extname, join, resolve } from 'node:path'
import type { Client } from '@millrace/client'
import { type FileView, fileViewSchema, safeFileName } from '@millrace/contracts'
import { CommandError, UsageError } from '../command/command-error.ts'

/**
 * Throws UsageError when files cannot be saved there. Called before the job starts, so that the user does not learn it
 * afterwards. Creates nothing.
 */
export function checkOutFolder(folder: string): void {
  let place = resolve(folder)
  while (!existsSync(place) && dirname(place) !== place) place = dirname(place)
  if (statSync(place).isDirectory() && mayWrite(place)) return
  throw new UsageError(`--out ${folder}: files cannot be saved there; name a folder that you may write to`)
}

function mayWrite(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK)
    return true
  } catch {
    return false
  }
}

interface SaveOptions {
  /** The folder. It is made when it is missing. */
  folder: string
  /** Aborting stops saving and removes half-saved files. */
  signal?: AbortSignal
  onSaved?(path: string, file: FileView): void
}

/**
 * Saves every file of the output. Resolves with the output with paths in their places. Rejects with CommandError, or with
 * the reason of the signal.
 */
export async function saveFiles(client: Client, output: unknown, options: SaveOptions) {
  const walk = async (value: unknown): Promise<unknown> => {
    if (typeof value !== 'object' || value === null) return value
    if (Array.isArray(value)) {
      const items: unknown[] = []
      for (const item of value as unknown[]) items.push(await walk(item))
      return items
    }
    const file = fileViewSchema.safeParse(value)
    if (file.success) {
      return saveFile(client, file.data, options)
    }
    const entries: [string, unknown][] = []
    for (const [key, item] of Object.entries(value)) entries.push([key, await walk(item)])
    return Object.fromEntries(entries)
  }
  return walk(output)
}

/** Saves one file and resolves with its path. Rejects as `saveFiles` does. */
export async function saveFile(client: Client, file: FileView, { folder, signal, onSaved }: SaveOptions) {
  const bytes = await client.download(file, { signal })
  const name = safeFileName(file.name)
  const { path, handle } = await openIn(folder, name).catch((cause: unknown) => {
    throw notSaved(join(folder, name), cause)
  })
  try {
    const hash = createHash('sha256')
    for await (const chunk of bytes) {
      hash.update(chunk)
      await handle.writeFile(chunk)
    }
    if (hash.digest('hex') !== file.sha256) throw new Error('its bytes are not those that the model wrote')
    onSaved?.(path, file)
    return path
  } catch (cause) {
    await rm(path, { force: true })
    signal?.throwIfAborted()
    throw notSaved(path, cause)
  } finally {
    await handle.close()
  }
}

const notSaved = (path: string, cause: unknown): CommandError =>
  new CommandError('not_saved', `${path} could not be saved: ${(cause as Error).message}`, { cause })

async function openIn(folder: string, name: string) {
  await mkdir(folder, { recursive: true })
  return openNew(folder, name)
}

/**
 * Tries `scan.pdf`, then `scan-1.pdf`, and so on. The system itself refuses a name that is taken, so two processes never get
 * the same file.
 */
export async function openNew(folder: string, name: string): Promise<{ path: string; handle: FileHandle }> {
  const end = extname(name)
  for (let number = 0; ; number++) {
    const path = join(folder, number === 0 ? name : `${name.slice(0, name.length - end.length)}-${number}${end}`)
    try {
      return { path, handle: await open(path, 'wx') }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }
}
