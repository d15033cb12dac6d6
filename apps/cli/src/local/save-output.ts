/** Saves the output of a model to the author's disk. Called by `millrace run`. */
import { createHash } from 'node:crypto'
import { mkdirSync, statSync } from 'node:fs'
import { copyFile, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { LocalRun } from '@millrace/host'
import { openNew } from '../client/save-files.ts'
import { isObject } from '../schema/schema-types.ts'
import { CommandError } from '../command/command-error.ts'

type OutputFile = LocalRun['files'][number]

/** Describes a file in a printed output. */
export interface FileFacts {
  object: 'file'
  name: string
  content_type: string
  size: number
  sha256: string
  /** The path of the saved file. Left out when it was not saved. */
  path?: string
}

/** Returns the output with a description in place of each file. With `to`, the files are saved there. */
export async function saveOutput(
  output: unknown,
  files: OutputFile[],
  to: string | undefined,
  onSaved: (path: string, size: number) => void,
): Promise<unknown> {
  let shown: unknown = structuredClone(output)
  const [only] = files
  const asFile = to !== undefined && files.length === 1 && !isFolder(to)
  for (const file of files) {
    const bytes = await readFile(file.path)
    const path = to === undefined ? undefined : asFile && only ? await saveAs(to, bytes) : await saveIn(to, file)
    if (path !== undefined) onSaved(path, bytes.length)
    const facts: FileFacts = {
      object: 'file',
      name: file.name,
      content_type: file.content_type,
      size: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
      ...(path !== undefined && { path }),
    }
    shown = placed(shown, file.pointer, facts)
  }
  if (to !== undefined && files.length === 0) {
    const text = typeof output === 'string' ? output : `${JSON.stringify(output, null, 2)}\n`
    onSaved(await saveAs(isFolder(to) ? join(to, 'output.json') : to, Buffer.from(text)), Buffer.byteLength(text))
  }
  return shown
}

/** True for an existing folder, and for a path that is written like one. */
function isFolder(path: string): boolean {
  return /[/\\]$/.test(path) || (statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false)
}

/** Overwrites an existing file, because the user gave this name. */
async function saveAs(path: string, bytes: Uint8Array): Promise<string> {
  try {
    await writeFile(path, bytes)
    return path
  } catch (cause) {
    throw new CommandError('not_saved', `${path} could not be saved: ${(cause as Error).message}`, { cause })
  }
}

/** Never overwrites a file, because the model chose the name. */
async function saveIn(folder: string, file: OutputFile): Promise<string> {
  try {
    mkdirSync(folder, { recursive: true })
    const { path, handle } = await openNew(folder, file.name)
    await handle.close()
    await copyFile(file.path, resolve(path))
    return path
  } catch (cause) {
    throw new CommandError('not_saved', `${file.name} could not be saved to ${folder}: ${(cause as Error).message}`, {
      cause,
    })
  }
}

function placed(value: unknown, pointer: string, item: unknown): unknown {
  if (pointer === '') return item
  const keys = pointer
    .slice(1)
    .split('/')
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))
  const last = keys.pop() ?? ''
  const step = (at: unknown, key: string): unknown => {
    if (Array.isArray(at)) return (at as unknown[])[Number(key)]
    return isObject(at) ? at[key] : undefined
  }
  const holder = keys.reduce(step, value)
  if (typeof holder === 'object' && holder !== null) (holder as Record<string, unknown>)[last] = item
  return value
}
