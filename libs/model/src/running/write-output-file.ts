/** Makes the files of `ctx.file()`. Called by execute-run.ts. */
import { createWriteStream } from 'node:fs'
import { mkdir, stat, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { safeFileName } from '@millrace/contracts'
import type { FileSource } from '../model-context.ts'
import { createModelFile, type ModelFile } from '../model-file.ts'
import { openInside } from './open-inside.ts'

export interface OutputFileRequest {
  workDir: string
  /** Number of this file in its run. It keeps files of equal names apart. */
  index: number
  name: string
  contentType: string
  source: FileSource
  signal: AbortSignal
  /** Below workDir: for what is written there. Default `out`. */
  folder?: string
  /** As its author wrote it, for messages. Default: that of `ctx.file`. */
  call?: string
}

/**
 * Writes bytes to a new file in the run's folder, or checks a file that the model wrote there itself. Rejects with TypeError
 * when the model gave arguments that cannot be meant.
 */
export async function writeOutputFile(request: OutputFileRequest): Promise<ModelFile> {
  const { workDir, contentType, source, signal } = request
  // Before anything is opened: a stream to a file that nobody waits for would outlive the run and end its process.
  assertArguments(request)
  signal.throwIfAborted()
  const name = safeFileName(request.name, `file-${request.index}`)
  if (isWritten(source)) {
    const path = resolve(workDir, source.path)
    const handle = await openInside(workDir, path)
    const { size } = await handle.stat()
    await handle.close()
    return createModelFile({ path, name, contentType, size })
  }
  const folder = join(workDir, request.folder ?? 'out')
  await mkdir(folder, { recursive: true })
  const path = join(folder, `${request.index}-${name}`)
  if (typeof source === 'string' || source instanceof Uint8Array) await writeFile(path, source, { flag: 'wx', signal })
  else await pipeline(source, createWriteStream(path, { flags: 'wx' }), { signal })
  return createModelFile({ path, name, contentType, size: (await stat(path)).size })
}

/** Tells a written file from a stream. Streams of files have a `path` too, but only streams have `pipe`. */
const isWritten = (source: FileSource): source is { path: string } =>
  typeof source === 'object' && 'path' in source && !('pipe' in source)

const CALL = 'ctx.file(name, contentType, data)'
type Asserted = Record<'name' | 'contentType' | 'source', unknown> & Pick<OutputFileRequest, 'call'>

/** Models in JavaScript, and those that cast, give anything. The words name the argument as its author wrote it. */
function assertArguments({ call = CALL, name, contentType, source }: Asserted): void {
  const faults = [
    typeof name === 'string' ? undefined : `name should be a text such as 'result.png', got ${kindOf(name)}`,
    typeof contentType === 'string' && contentType.includes('/')
      ? undefined
      : `contentType should be a text such as 'image/png', got ${kindOf(contentType)}`,
    source === undefined || source === null ? 'data is missing' : undefined,
    isSource(source)
      ? undefined
      : `data should be bytes (Buffer, Uint8Array), a text, a stream or { path }, got ${kindOf(source)}`,
  ]
  const [fault, ...more] = faults.filter((one) => one !== undefined)
  if (fault !== undefined) throw new TypeError(`${call}: ${[fault, ...more].join('; ')}`)
}

/** What may be written. A missing one has words of its own. */
function isSource(source: unknown): boolean {
  if (source === undefined || source === null || typeof source === 'string') return true
  if (typeof source !== 'object') return false
  if (source instanceof Uint8Array || Symbol.asyncIterator in source) return true
  return 'path' in source && typeof source.path === 'string'
}

/** Never the value: it may be long, and it may be a secret. */
function kindOf(value: unknown): string {
  if (value === undefined || value === null) return String(value)
  if (typeof value === 'string') return value.includes('/') ? 'another text' : 'a text without a slash'
  if (typeof value !== 'object') return `a ${typeof value}`
  return Array.isArray(value) ? 'a list' : `an object (${value.constructor?.name ?? 'without a class'})`
}
