/**
 * Tells to which data set of Redis a store belongs. Objects that Redis does not know are deleted from the store after some
 * time. A process with another Redis, or with one that came back empty or older, must never decide that. So the store has a
 * mark that names the data set, made at the first start, and a number that Redis counted up to, renewed now and then. Called
 * by StoreWatch, by `millrace doctor` and `adopt`, and before each sweep by the worker.
 */
import { randomUUID } from 'node:crypto'
import { BLOBS, JOBS } from '@millrace/contracts'
import type { ObjectEntry } from '../port/object-info.ts'
import type { ObjectEraser, ObjectLister, ObjectReader, ObjectWriter } from '../port/object-store.ts'
import { StorageError } from '../port/storage-error.ts'

/** The facts about its data set that Redis keeps. The queue room implements it. */
export interface DataSetMemory {
  read(): Promise<DataSetRecord | undefined>
  /** Gives the data set a name, unless it has one. Resolves with the name that it has then. */
  make(id: string): Promise<DataSetRecord>
  /** Notes that the store of the data set has its mark. */
  noteMarked(id: string): Promise<void>
  /** Gives the data set a new name and forgets its store. */
  rename(id: string): Promise<void>
  /** Adds one to the count. The count never shrinks, unless Redis comes back older than it was. */
  advance(): Promise<void>
  /** True when Redis knows any of these objects: as a blob, or as part of a job that exists or existed a while ago. */
  knowsAny(keys: readonly string[]): Promise<boolean>
  /** Milliseconds of Unix time, by Redis' clock. */
  now(): Promise<number>
}

export interface DataSetRecord {
  id: string
  /** True when its store was marked once. */
  marked: boolean
  count: number
}

/**
 * - `foreign`: the store names another data set
 * - `blank`: the store names one and this Redis has none: it is another Redis, or one that came back empty
 * - `older`: the names agree, but the store remembers more than Redis does
 * - `elsewhere`: Redis has files in a store with a mark, and this store has none
 * - `unmarked`: there are objects, and Redis knows none of those that were looked at
 */
export type DataSetFault = 'foreign' | 'blank' | 'older' | 'elsewhere' | 'unmarked'

export type DataSetVerdict =
  /** `since`: when a store that held something was given to this data set, by Redis' clock. 0 when the store was empty. */
  { fault: null; since: number } | { fault: DataSetFault; reason: string; mend: string }

type MarkedStore = ObjectWriter & ObjectLister & Pick<ObjectReader, 'get'> & Pick<ObjectEraser, 'delete'>

const MARK = 'data-set/mark'
const COUNTS = 'data-set/count/'
/** A store without a mark counts as foreign when Redis knows none of so many objects. */
const SAMPLE = 2000
/** How many objects are shown to Redis at once. */
const PAGE = 100

const MEND =
  'Correct REDIS_URL, or the settings of the store (S3_BUCKET, S3_PREFIX, S3_ENDPOINT, MILLRACE_DATA_DIR); if both are right, run `millrace adopt`.'

const REASONS: Readonly<Record<DataSetFault, string>> = {
  foreign: 'The object store belongs to another Redis than this one',
  blank:
    'The object store belongs to a Redis data set that this Redis knows nothing of: it is another one, or came back empty',
  older:
    'Redis came back older than it was: the object store remembers more than it does, and jobs of the time between are lost',
  elsewhere: 'This is not the object store in which the files of this Redis are, or it was emptied',
  unmarked: 'The object store holds objects of which this Redis knows nothing',
}

const faulty = (fault: DataSetFault): DataSetVerdict => ({
  fault,
  reason: `${REASONS[fault]}. Nothing is deleted from it.`,
  mend: MEND,
})

interface Mark {
  id: string
  since: number
}

/**
 * Compares store and Redis. Marks the store when that is safe: when it is empty, or when Redis knows some of its objects (as
 * in an installation older than the marks). `mark: false`: only looks. Rejects when store or Redis cannot be asked: then
 * nothing is known.
 */
export async function checkDataSet(
  objects: MarkedStore,
  memory: DataSetMemory,
  options: { mark?: boolean } = {},
): Promise<DataSetVerdict> {
  const mark = await readMark(objects)
  const own = await memory.read()
  if (mark && own) {
    if (mark.id !== own.id) return faulty('foreign')
    if (!own.marked && options.mark !== false) await memory.noteMarked(own.id)
    return (await newestCount(objects, own.id)) > own.count ? faulty('older') : { fault: null, since: mark.since }
  }
  if (mark) return faulty('blank')
  const seen = await lookAround(objects, memory)
  if (seen === 'unknown') return faulty(own?.marked ? 'elsewhere' : 'unmarked')
  if (seen === 'empty' && own?.marked) return faulty('elsewhere')
  const since = seen === 'empty' ? 0 : await memory.now()
  if (options.mark === false) return { fault: null, since }
  return markStore(objects, memory, own ?? (await memory.make(randomUUID())), since)
}

/** Gives the store to this Redis, whatever the two said before. Objects that Redis does not know are deleted a day later. */
export async function adoptStore(objects: MarkedStore, memory: DataSetMemory): Promise<void> {
  const id = randomUUID()
  await memory.rename(id)
  await objects.delete(MARK)
  for await (const key of objects.list(COUNTS)) await objects.delete(key)
  await markStore(objects, memory, { id }, await memory.now())
}

/**
 * Lets the store remember how far Redis has counted, so that an older Redis can be recognised. The number is that of the
 * last call. Redis has had it for a while, so a crash that loses its last seconds does not make it look older.
 */
export async function rememberCount(objects: MarkedStore, memory: DataSetMemory): Promise<void> {
  const own = await memory.read()
  if (!own) return
  const key = `${COUNTS}${own.id}/${String(own.count).padStart(15, '0')}`
  await putOnce(objects, key, '')
  for await (const older of objects.list(`${COUNTS}${own.id}/`)) if (older < key) await objects.delete(older)
}

async function markStore(
  objects: MarkedStore,
  memory: DataSetMemory,
  own: Pick<DataSetRecord, 'id'>,
  since: number,
): Promise<DataSetVerdict> {
  const isOurs = await putOnce(objects, MARK, JSON.stringify({ id: own.id, since } satisfies Mark))
  // Another process was faster, and it may have another Redis.
  if (!isOurs && (await readMark(objects))?.id !== own.id) return faulty('foreign')
  await memory.noteMarked(own.id)
  return { fault: null, since }
}

async function putOnce(objects: MarkedStore, key: string, text: string): Promise<boolean> {
  try {
    await objects.put(key, Buffer.from(text), { contentType: 'application/json', fromReserve: true })
    return true
  } catch (error) {
    if (error instanceof StorageError && error.fault === 'exists') return false
    throw error
  }
}

/** A mark that cannot be read counts as another data set's. */
async function readMark(objects: MarkedStore): Promise<Mark | undefined> {
  try {
    const bytes = (await (await objects.get(MARK)).toArray()) as Buffer[]
    const { id, since } = parse(Buffer.concat(bytes).toString())
    return { id: typeof id === 'string' ? id : '', since: typeof since === 'number' ? since : 0 }
  } catch (error) {
    if (error instanceof StorageError && error.fault === 'missing') return undefined
    throw error
  }
}

function parse(text: string): Partial<Record<keyof Mark, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    return {}
  }
}

async function newestCount(objects: MarkedStore, id: string): Promise<number> {
  let newest = 0
  for await (const key of objects.list(`${COUNTS}${id}/`)) newest = Math.max(newest, Number(key.split('/').at(-1)))
  return newest
}

/** Looks at the objects in a store without a mark. */
async function lookAround(objects: MarkedStore, memory: DataSetMemory): Promise<'empty' | 'known' | 'unknown'> {
  let looked = 0
  for (const prefix of [BLOBS, JOBS]) {
    for await (const keys of pages(objects.listEntries(prefix), SAMPLE / 2)) {
      looked += keys.length
      if (await memory.knowsAny(keys)) return 'known'
    }
  }
  return looked === 0 ? 'empty' : 'unknown'
}

async function* pages(entries: AsyncIterable<ObjectEntry>, most: number): AsyncGenerator<string[]> {
  let page: string[] = []
  let left = most
  for await (const { key } of entries) {
    page.push(key)
    left--
    if (page.length === PAGE || left === 0) {
      yield page
      page = []
    }
    if (left === 0) return
  }
  if (page.length > 0) yield page
}
