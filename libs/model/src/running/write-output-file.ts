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
}

/** Writes bytes to a new file in the run's folder, or checks a file that the model wrote there itself. */
export async function writeOutputFile(request: OutputFileRequest): Promise<ModelFile> {
  const { workDir, contentType, source, signal } = request
  signal.throwIfAborted()
  const name = safeFileName(request.name, `file-${request.index}`)
  if (isWritten(source)) {
    const path = resolve(workDir, source.path)
    const handle = await openInside(workDir, path)
    const { size } = await handle.stat()
    await handle.close()
    return createModelFile({ path, name, contentType, size })
  }
  const folder = join(workDir, 'out')
  await mkdir(folder, { recursive: true })
  const path = join(folder, `${request.index}-${name}`)
  if (typeof source === 'string' || source instanceof Uint8Array) await writeFile(path, source, { flag: 'wx', signal })
  else await pipeline(source, createWriteStream(path, { flags: 'wx' }), { signal })
  return createModelFile({ path, name, contentType, size: (await stat(path)).size })
}

/** Tells a written file from a stream. Streams of files have a `path` too, but only streams have `pipe`. */
const isWritten = (source: FileSource): source is { path: string } =>
  typeof source === 'object' && 'path' in source && !('pipe' in source)
