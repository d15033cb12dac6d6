/**
 * Brings a backup back into an installation: all of it is checked before anything is written. Called by `millrace restore`, while
 * neither API nor workers run.
 */
import { BLOBS, JOBS } from '@millrace/contracts'
import { type CopiedKey, type Queue, RECORD_LAYOUT, type RecordRestore } from '@millrace/queue'
import { adoptStore, type ObjectStore, StorageError } from '@millrace/storage'
import type { Readable } from 'node:stream'
import { CommandError } from '../command/command-error.ts'
import type { ArchiveReader } from './archive/archive.ts'
import type { Manifest, ObjectHead } from './backup-format.ts'
import { digestOf } from './copy-objects.ts'
import { readBackup } from './read-backup.ts'

const SMALL_BYTES = 1024 * 1024
const AT_ONCE = 16
const KEYS_AT_ONCE = 64

export interface RestoreBackup {
  archive: ArchiveReader
  record: RecordRestore
  queue: Pick<Queue, 'attempts' | 'dataSet'>
  store: ObjectStore
  /** All that Redis has of Millrace is deleted first. Objects that are there stay. */
  replace: boolean
  say: (text: string) => void
}

export interface Restored {
  manifest: Manifest
  /** Jobs that ran when the backup was made, and wait again or are canceled. */
  released: number
  /** Objects that were in the store already. */
  kept: number
}

/** Rejects with ArchiveError before anything was written when the backup is damaged, and with CommandError when it may not. */
export async function restoreBackup(given: RestoreBackup): Promise<Restored> {
  const { archive, record, queue, store, replace, say } = given
  say('Checking the backup.')
  const checked = await readBackup(archive)
  if (checked.layout > RECORD_LAYOUT)
    throw new CommandError(
      'backup',
      `The backup keeps jobs in layout ${checked.layout}, and this version of Millrace knows layouts up to ${RECORD_LAYOUT}: take a newer one.`,
    )
  if (!replace) await requireEmpty(record, store)
  else await record.clear()
  say(`Writing ${checked.objects.count} objects and ${checked.record.keys} keys.`)
  const objects = new ObjectPutter(store)
  const manifest = await readBackup(archive, {
    object: (head, body) => objects.put(head, body),
    keys: (keys) => putKeys(record, keys),
  })
  await objects.end()
  await requireSameJobs(record, manifest)
  const released = await record.releaseRunning(queue.attempts)
  await adoptStore(store, queue.dataSet)
  return { manifest, released, kept: objects.kept }
}

async function requireEmpty(record: RecordRestore, store: ObjectStore): Promise<void> {
  const advice =
    'Restore into an empty one, or say --replace: then all that this Redis has of Millrace is deleted first.'
  if (!(await record.isEmpty()))
    throw new CommandError('backup', `This Redis holds data of Millrace already. ${advice}`)
  for (const prefix of [BLOBS, JOBS])
    for await (const _ of store.list(prefix))
      throw new CommandError(
        'backup',
        `The object store is not empty. ${advice} Objects that are there stay as they are.`,
      )
}

async function putKeys(record: RecordRestore, keys: readonly CopiedKey[]): Promise<void> {
  for (let from = 0; from < keys.length; from += KEYS_AT_ONCE) await record.put(keys.slice(from, from + KEYS_AT_ONCE))
}

async function requireSameJobs(record: RecordRestore, manifest: Manifest): Promise<void> {
  const { jobs } = await record.count(digestOf)
  const [found, expected] = [JSON.stringify(jobs), JSON.stringify(manifest.record.jobs)]
  if (found !== expected)
    throw new CommandError(
      'backup',
      `There are not as many jobs as in the backup: ${found}, not ${expected}. Does something of Millrace run on this Redis?`,
    )
}

/** Puts small objects several at once, so that not each of them waits for the store. */
class ObjectPutter {
  kept = 0
  readonly #store: ObjectStore
  readonly #running = new Set<Promise<void>>()

  constructor(store: ObjectStore) {
    this.#store = store
  }

  async put(head: ObjectHead, body: Readable): Promise<void> {
    if (head.size > SMALL_BYTES) return this.#write(head, body)
    const bytes = Buffer.concat((await body.toArray()) as Buffer[])
    const running = this.#write(head, bytes)
    this.#running.add(running)
    // What fails is told by whoever waits for it below.
    void running.catch(() => undefined).finally(() => this.#running.delete(running))
    if (this.#running.size >= AT_ONCE) await Promise.all(this.#running)
  }

  async end(): Promise<void> {
    await Promise.all(this.#running)
  }

  async #write({ key, size, type }: ObjectHead, body: Readable | Buffer): Promise<void> {
    try {
      await this.#store.put(key, body, { contentType: type, size })
    } catch (error) {
      if (!(error instanceof StorageError && error.fault === 'exists')) throw error
      this.kept++
      if (!Buffer.isBuffer(body)) for await (const _ of body);
    }
  }
}
