/** The files of an output on their way to a folder: never outside of it, never over a file that is there. */
import { createHash } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { type FileHandle, open, rm } from 'node:fs/promises'
import { extname, join } from 'node:path'
import type { Client } from '@millrace/client'
import { type FileView, fileViewSchema, safeFileName } from '@millrace/contracts'
import { CommandError } from '../command-error.ts'

/** Saves every file of the output, and resolves with the output with paths in their places. Rejects with CommandError. */
export async function saveFiles(
  client: Client,
  output: unknown,
  folder: string,
  onSaved: (path: string, file: FileView) => void,
) {
  const walk = async (value: unknown): Promise<unknown> => {
    if (typeof value !== 'object' || value === null) return value
    if (Array.isArray(value)) {
      const items: unknown[] = []
      for (const item of value as unknown[]) items.push(await walk(item))
      return items
    }
    const file = fileViewSchema.safeParse(value)
    if (file.success) {
      const path = await saveFile(client, file.data, folder)
      onSaved(path, file.data)
      return path
    }
    const entries: [string, unknown][] = []
    for (const [key, item] of Object.entries(value)) entries.push([key, await walk(item)])
    return Object.fromEntries(entries)
  }
  return walk(output)
}

/** Saves one file below a folder, and resolves with its path. Rejects with CommandError. */
export async function saveFile(client: Client, file: FileView, folder: string): Promise<string> {
  mkdirSync(folder, { recursive: true })
  const bytes = await client.download(file)
  const { path, handle } = await openNew(folder, safeFileName(file.name))
  try {
    const hash = createHash('sha256')
    for await (const chunk of bytes) {
      hash.update(chunk)
      await handle.writeFile(chunk)
    }
    if (hash.digest('hex') !== file.sha256) throw new Error('its bytes are not those that the model wrote')
    return path
  } catch (cause) {
    await rm(path, { force: true })
    throw new CommandError(`${path} could not be saved: ${(cause as Error).message}`, { cause })
  } finally {
    await handle.close()
  }
}

/** `scan.pdf`, else `scan-1.pdf`, and so on. The system itself refuses a name that is taken. */
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
