/**
 * Reads a backup from front to end and holds every byte against its hashes, its parts against the manifest, and the counts against
 * what is there. Called by `millrace backup --check`, and twice by `millrace restore`: before anything is written, and then to write it.
 */
import type { Readable } from 'node:stream'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { type CopiedKey, RecordCounter } from '@millrace/queue'
import type { z } from 'zod'
import { type ArchiveEntry, ArchiveError, type ArchiveReader } from './archive/archive.ts'
import {
  headSchema,
  MANIFEST,
  type Manifest,
  manifestSchema,
  MOST_MANIFEST_BYTES,
  type ObjectHead,
  recordLineSchema,
  sumSchema,
} from './backup-format.ts'
import { digestOf, sha256Of } from './copy-objects.ts'
import { hashing } from './hashing.ts'

const unpack = promisify(gunzip)

/** Heads and sums are of some hundred objects. Bytes. */
const MOST_LIST_BYTES = 4 * 1024 * 1024
/** The largest part of a record: one key may be as large as Redis takes. Bytes. */
const MOST_RECORD_BYTES = 1024 * 1024 * 1024

/** What is done with the content, in its order. Left out: it is only checked. */
export interface BackupVisitor {
  /** The body has to be read to its end. */
  object?: (head: ObjectHead, body: Readable) => Promise<void>
  keys?: (keys: CopiedKey[]) => Promise<void>
}

/** Rejects with ArchiveError, which says what is wrong, at the first fault. */
export async function readBackup(archive: ArchiveReader, visitor: BackupVisitor = {}): Promise<Manifest> {
  const reading = new Reading(visitor)
  for await (const entry of archive.entries()) await reading.read(entry)
  return reading.end()
}

/** A part of objects, between its head and its sums. */
interface OpenPart {
  part: string
  head: Buffer
  heads: ObjectHead[]
  /** As they were read, by the number of the entry. */
  sums: Map<number, string>
}

class Reading {
  readonly #visitor: BackupVisitor
  readonly #counter = new RecordCounter(digestOf)
  readonly #objects = { count: 0, bytes: 0 }
  readonly #parts: Manifest['parts'] = []
  #open: OpenPart | undefined
  #manifest: Manifest | undefined

  constructor(visitor: BackupVisitor) {
    this.#visitor = visitor
  }

  async read(entry: ArchiveEntry): Promise<void> {
    const [part = '', file] = entry.name.split('/')
    if (file === undefined) return this.#readManifest(entry)
    if (file === 'record.ndjson.gz') return this.#readRecord(part, entry)
    if (file === 'head.ndjson') {
      const head = await readAll(entry, MOST_LIST_BYTES)
      this.#open = { part, head, heads: parseLines(head, headSchema, entry.name), sums: new Map() }
      return
    }
    if (this.#open?.part !== part) throw new ArchiveError(`${entry.name} has no head`)
    return file === 'sums.ndjson' ? this.#closePart(this.#open, entry) : this.#readObject(this.#open, entry)
  }

  end(): Manifest {
    const manifest = this.#manifest
    if (!manifest) throw new ArchiveError('There is no manifest: the backup was not written to its end')
    const { parts, record, objects } = manifest
    const told = new Map(parts.map((part) => [part.name, part]))
    for (const { name, kind, sha256 } of this.#parts) {
      const same = told.get(name)
      if (same?.kind !== kind || same.sha256 !== sha256)
        throw new ArchiveError(`Part ${name} is not the one of the manifest`)
      told.delete(name)
    }
    const [lacking] = told.keys()
    if (lacking !== undefined) throw new ArchiveError(`Part ${lacking} is missing`)
    const found = { record: this.#counter.counts(), objects: this.#objects }
    const expected = { record, objects: { count: objects.count, bytes: objects.bytes } }
    if (JSON.stringify(found) !== JSON.stringify(expected))
      throw new ArchiveError(`The manifest counts ${JSON.stringify(expected)}, and there is ${JSON.stringify(found)}`)
    return manifest
  }

  async #readManifest(entry: ArchiveEntry): Promise<void> {
    if (entry.name !== MANIFEST) throw new ArchiveError(`${entry.name} is not part of a backup`)
    const text = (await readAll(entry, MOST_MANIFEST_BYTES)).toString()
    const read = manifestSchema.safeParse(parseJson(text, MANIFEST))
    if (!read.success)
      throw new ArchiveError(`${MANIFEST} is not one that this version of Millrace knows: ${read.error.message}`)
    this.#manifest = read.data
  }

  async #readRecord(name: string, entry: ArchiveEntry): Promise<void> {
    const packed = await readAll(entry, MOST_RECORD_BYTES)
    this.#parts.push({ name, kind: 'record', sha256: sha256Of(packed) })
    const text = await unpack(packed, { maxOutputLength: MOST_RECORD_BYTES }).catch((error: unknown) => {
      throw new ArchiveError(`${entry.name} is damaged`, { cause: error })
    })
    const keys = parseLines(text, recordLineSchema, entry.name).map(
      ({ dump, ...rest }): CopiedKey => ({ ...rest, ...(dump !== undefined && { dump: Buffer.from(dump, 'base64') }) }),
    )
    for (const key of keys) this.#counter.add(key)
    await this.#visitor.keys?.(keys)
  }

  async #readObject(open: OpenPart, { name, size, body }: ArchiveEntry): Promise<void> {
    const index = Number(name.slice(-4))
    const head = open.heads[index]
    if (!head || head.size !== size) throw new ArchiveError(`${name} is not as long as it was`)
    const { stream, sha256 } = hashing()
    body.on('error', (error) => stream.destroy(error))
    const hashed = body.pipe(stream)
    await (this.#visitor.object?.(head, hashed) ?? drain(hashed))
    open.sums.set(index, sha256())
    this.#objects.count++
    this.#objects.bytes += size
  }

  async #closePart({ part, head, sums }: OpenPart, entry: ArchiveEntry): Promise<void> {
    const text = await readAll(entry, MOST_LIST_BYTES)
    for (const { entry: index, sha256 } of parseLines(text, sumSchema, entry.name)) {
      if (sums.get(index) !== sha256) throw new ArchiveError(`Object ${index} of part ${part} is missing or damaged`)
      sums.delete(index)
    }
    if (sums.size > 0) throw new ArchiveError(`Part ${part} has objects without a hash`)
    this.#parts.push({ name: part, kind: 'objects', sha256: sha256Of(head, text) })
    this.#open = undefined
  }
}

async function readAll({ name, size, body }: ArchiveEntry, most: number): Promise<Buffer> {
  if (size > most) throw new ArchiveError(`${name} is larger than any of its kind`)
  return Buffer.concat((await body.toArray()) as Buffer[])
}

async function drain(body: Readable): Promise<void> {
  for await (const _ of body);
}

function parseLines<T>(bytes: Buffer, schema: z.ZodType<T>, name: string): T[] {
  const lines = bytes
    .toString()
    .split('\n')
    .filter((line) => line !== '')
  return lines.map((line) => {
    const read = schema.safeParse(parseJson(line, name))
    if (!read.success) throw new ArchiveError(`${name} has a line that cannot be read`)
    return read.data
  })
}

function parseJson(text: string, name: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new ArchiveError(`${name} is no JSON`, { cause: error })
  }
}
