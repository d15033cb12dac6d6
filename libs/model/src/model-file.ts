/**
 * A file as a model sees it: bytes on the local disk, which the runner protocol never carries. The runner makes the
 * files of an input, `ctx.file()` those of an output, and `localFile()` those of tests.
 */
import { createHash } from 'node:crypto'
import { closeSync, createReadStream, openSync, readSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Readable } from 'node:stream'

export interface ModelFile {
  /** Absolute path. It is valid while the run lasts. */
  readonly path: string
  readonly name: string
  /** Media type as declared by the one who stored the file. Not checked. */
  readonly contentType: string
  /** Size in bytes. */
  readonly size: number
  /** SHA-256 in hexadecimal. For files that the model made, it is computed when it is first asked for. */
  readonly sha256: string
  bytes(): Promise<Buffer>
  stream(): Readable
}

/** A registered symbol, because a model may load its own copy of this package. */
const MARK = Symbol.for('millrace.file')

export interface FileFacts {
  path: string
  name: string
  contentType: string
  size: number
  sha256?: string
}

export function createModelFile(facts: FileFacts): ModelFile {
  let sha256 = facts.sha256
  const file = {
    path: facts.path,
    name: facts.name,
    contentType: facts.contentType,
    size: facts.size,
    get sha256() {
      sha256 ??= hashOf(facts.path)
      return sha256
    },
    bytes: () => readFile(facts.path),
    stream: () => createReadStream(facts.path),
  }
  return Object.defineProperty(file, MARK, { value: true })
}

/** A file of this machine as an input of `runModel`. Rejects when there is no such file. */
export async function localFile(path: string, contentType = 'application/octet-stream'): Promise<ModelFile> {
  const { size } = await stat(path)
  return createModelFile({ path, name: basename(path), contentType, size })
}

export const isModelFile = (value: unknown): value is ModelFile =>
  typeof value === 'object' && value !== null && (value as Record<symbol, unknown>)[MARK] === true

function hashOf(path: string): string {
  const hash = createHash('sha256')
  const block = Buffer.alloc(1024 * 1024)
  const descriptor = openSync(path, 'r')
  try {
    for (let count = readSync(descriptor, block); count > 0; count = readSync(descriptor, block)) {
      hash.update(block.subarray(0, count))
    }
  } finally {
    closeSync(descriptor)
  }
  return hash.digest('hex')
}
