/** Copies what lies in the object store into a backup, in parts. Called by writeBackup, several times: each time it copies what is new. */
import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'
import { BLOBS, JOBS } from '@millrace/contracts'
import { type ObjectEntry, type ObjectLister, type ObjectReader, StorageError } from '@millrace/storage'
import type { ArchiveWriter } from './archive/archive.ts'
import { objectEntry, type ObjectHead, OBJECTS_IN_PART, partName, type Manifest } from './backup-format.ts'
import { hashing } from './hashing.ts'

/** So many small objects are fetched at once, so that not each of them waits for the store. */
const AT_ONCE = 16
const SMALL_BYTES = 1024 * 1024

/** Numbers and remembers the parts of a backup. */
export class PartList {
  readonly parts: Manifest['parts'] = []

  next(): string {
    return partName(this.parts.length + 1)
  }
}

export class ObjectCopier {
  readonly counted = { count: 0, bytes: 0, missing: 0 }
  readonly #store: ObjectReader & ObjectLister
  readonly #archive: ArchiveWriter
  readonly #list: PartList
  /** Short digests of the keys, because there may be millions. */
  readonly #seen = new Set<string>()

  constructor(store: ObjectReader & ObjectLister, archive: ArchiveWriter, list: PartList) {
    this.#store = store
    this.#archive = archive
    this.#list = list
  }

  /** Objects are written once, so one that was copied before is not looked at again. */
  async copyNew(): Promise<void> {
    let page: ObjectEntry[] = []
    for (const prefix of [BLOBS, JOBS]) {
      for await (const entry of this.#store.listEntries(prefix)) {
        const digest = digestOf(entry.key)
        if (this.#seen.has(digest)) continue
        this.#seen.add(digest)
        page.push(entry)
        if (page.length < OBJECTS_IN_PART) continue
        await this.#copyPart(page)
        page = []
      }
    }
    if (page.length > 0) await this.#copyPart(page)
  }

  async #copyPart(entries: readonly ObjectEntry[]): Promise<void> {
    const heads = await this.#heads(entries)
    if (heads.length === 0) return
    const part = this.#list.next()
    const head = lines(heads)
    await this.#archive.add(`${part}/head.ndjson`, head.length, head)
    const sums: { entry: number; sha256: string }[] = []
    for (let from = 0; from < heads.length; from += AT_ONCE) {
      const some = heads.slice(from, from + AT_ONCE)
      const fetched = await Promise.all(some.map((one) => this.#fetch(one)))
      for (const [index, body] of fetched.entries()) {
        const { key, size } = some[index]!
        const entry = from + index
        // The large ones go through one after the other.
        const bytes = body === 'later' ? await this.#get(key) : body
        if (bytes === undefined) this.counted.missing++
        else {
          sums.push({ entry, sha256: await this.#add(objectEntry(part, entry), size, bytes) })
          this.counted.count++
          this.counted.bytes += size
        }
      }
    }
    const sum = lines(sums)
    await this.#archive.add(`${part}/sums.ndjson`, sum.length, sum)
    this.#list.parts.push({ name: part, kind: 'objects', sha256: sha256Of(head, sum) })
  }

  async #heads(entries: readonly ObjectEntry[]): Promise<ObjectHead[]> {
    const heads: ObjectHead[] = []
    for (let from = 0; from < entries.length; from += AT_ONCE) {
      const some = entries.slice(from, from + AT_ONCE)
      for (const info of await Promise.all(some.map(({ key }) => this.#store.head(key)))) {
        if (info) heads.push({ key: info.key, size: info.size, type: info.contentType })
        else this.counted.missing++
      }
    }
    return heads
  }

  async #fetch({ key, size }: ObjectHead): Promise<Buffer | 'later' | undefined> {
    if (size > SMALL_BYTES) return 'later'
    const body = await this.#get(key)
    return body && Buffer.concat((await body.toArray()) as Buffer[])
  }

  async #get(key: string): Promise<Readable | undefined> {
    try {
      return await this.#store.get(key)
    } catch (error) {
      if (error instanceof StorageError && error.fault === 'missing') return undefined
      throw error
    }
  }

  async #add(name: string, size: number, body: Buffer | Readable): Promise<string> {
    if (Buffer.isBuffer(body)) {
      await this.#archive.add(name, size, body)
      return sha256Of(body)
    }
    const { stream, sha256 } = hashing()
    body.on('error', (error) => stream.destroy(error))
    await this.#archive.add(name, size, body.pipe(stream))
    return sha256()
  }
}

export const digestOf = (key: string): string => createHash('sha256').update(key).digest().toString('latin1', 0, 12)

export function sha256Of(...bytes: readonly Buffer[]): string {
  const hash = createHash('sha256')
  for (const some of bytes) hash.update(some)
  return hash.digest('hex')
}

const lines = (values: readonly unknown[]): Buffer =>
  Buffer.from(values.map((one) => `${JSON.stringify(one)}\n`).join(''))
