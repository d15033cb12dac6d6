/**
 * Writes a backup of both stores while the service goes on. Objects are written once and never changed; so they are copied first, then
 * the record as of one moment, then the objects that came meanwhile. What the record names at that moment was in the store then, and so is
 * in the backup; an object that came and went within the last seconds may be missing, and then its job was purged right after. Called by
 * `millrace backup`.
 */
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { Log } from '@millrace/contracts'
import { copyRecord, type CopiedKey, RECORD_LAYOUT, RecordCounter } from '@millrace/queue'
import type { ObjectLister, ObjectReader } from '@millrace/storage'
import type { ArchiveWriter } from './archive/archive.ts'
import { BACKUP_FORMAT, MANIFEST, type Manifest, RECORD_PART_BYTES } from './backup-format.ts'
import { digestOf, ObjectCopier, PartList, sha256Of } from './copy-objects.ts'

const pack = promisify(gzip)

export interface WriteBackup {
  url: string
  store: ObjectReader & ObjectLister
  /** S3_PREFIX, for whoever reads the manifest. */
  prefix: string | null
  archive: ArchiveWriter
  version: string
  logger: Log
  /** Told what is being done, in a few words. */
  say: (text: string) => void
}

/** Resolves with the manifest when all is safe on the disk. */
export async function writeBackup({
  url,
  store,
  prefix,
  archive,
  version,
  logger,
  say,
}: WriteBackup): Promise<Manifest> {
  const list = new PartList()
  const objects = new ObjectCopier(store, archive, list)
  const record = new RecordWriter(archive, list)
  say('Copying objects.')
  await objects.copyNew()
  say(`Copying the record (${objects.counted.count} objects so far).`)
  const copied = await copyRecord({ url, logger, beforeCut: () => objects.copyNew() }, (kept) => record.write(kept))
  await record.end()
  await objects.copyNew()
  const manifest: Manifest = {
    format: BACKUP_FORMAT,
    version,
    layout: RECORD_LAYOUT,
    at: new Date(copied.at).toISOString(),
    paused_ms: copied.pausedMs,
    prefix,
    record: record.counter.counts(),
    objects: objects.counted,
    parts: list.parts,
  }
  const text = Buffer.from(`${JSON.stringify(manifest, undefined, 2)}\n`)
  await archive.add(MANIFEST, text.length, text)
  await archive.close()
  return manifest
}

/** Packs the record into parts of some megabytes. */
class RecordWriter {
  readonly counter = new RecordCounter(digestOf)
  readonly #archive: ArchiveWriter
  readonly #list: PartList
  #lines: string[] = []
  #bytes = 0

  constructor(archive: ArchiveWriter, list: PartList) {
    this.#archive = archive
    this.#list = list
  }

  async write(kept: CopiedKey): Promise<void> {
    this.counter.add(kept)
    const line = `${JSON.stringify({ ...kept, dump: kept.dump?.toString('base64') })}\n`
    this.#lines.push(line)
    this.#bytes += line.length
    if (this.#bytes >= RECORD_PART_BYTES) await this.end()
  }

  async end(): Promise<void> {
    if (this.#lines.length === 0) return
    const packed = await pack(this.#lines.join(''))
    this.#lines = []
    this.#bytes = 0
    const name = this.#list.next()
    await this.#archive.add(`${name}/record.ndjson.gz`, packed.length, packed)
    this.#list.parts.push({ name, kind: 'record', sha256: sha256Of(packed) })
  }
}
