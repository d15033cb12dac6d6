/**
 * Copies all that Redis keeps, as it stood at one moment, while the service goes on. Called by `millrace backup`.
 *
 * Reading millions of keys takes minutes, and half of a move of a job would be worth nothing. So: every key is copied while the names
 * of those that change are noted; these are copied again and again, until few are left; then the servers hold back all writes for an
 * instant (CLIENT PAUSE, all of a cluster at once) and the last are copied. What a copy says of a key later holds; of a key that is
 * gone it says so. So the end of the copy is the moment at which the writes were held back, for all shards the same one.
 */
import type { Log } from '@millrace/contracts'
import type { Redis } from 'ioredis'
import { toMs } from '../redis/redis-client.ts'
import { ChangeWatch } from './change-watch.ts'
import { isKept, jobOfRecordKey, type CopiedKey } from './copied-key.ts'
import { openPrimaries } from './primaries.ts'

/** Answers of this many keys are held at once. */
const PAGE = 64
const SCANNED = 500
/** So few changed keys are copied in an instant. */
const FEW = 300
const MOST_ROUNDS = 50
/** How long writes may be held back at most; they go on as soon as the last keys are copied. Milliseconds. */
const PAUSE_MS = 1500
const MOST_PAUSES = 5

export interface CopyOptions {
  url: string
  logger: Log
  /** Called as late as possible before the writes are held back: what has to be as new as the record. */
  beforeCut?: () => Promise<void>
}

export interface CopiedRecord {
  /** The moment at which all of the record stood so. Milliseconds of Unix time, by the clock of a server. */
  at: number
  /** How long writes were held back. Milliseconds. */
  pausedMs: number
}

/** Redis could not be copied as of one moment; nothing that was written is worth anything. */
export class RecordCopyError extends Error {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'RecordCopyError'
  }
}

type Write = (kept: CopiedKey) => Promise<void>

/** Gives each key to `write`, some several times; the last time counts. Rejects with RecordCopyError. */
export async function copyRecord({ url, logger, beforeCut }: CopyOptions, write: Write): Promise<CopiedRecord> {
  const primaries = await openPrimaries(url, logger)
  const watches: ChangeWatch[] = []
  try {
    for (const node of primaries.nodes)
      watches.push(await ChangeWatch.open(await primaries.dial(node), await primaries.dial(node)))
    for (const watch of watches) await copyAll(watch.hand, write)
    await catchUp(watches, write)
    await beforeCut?.()
    await catchUp(watches, write)
    return await cut(watches, write)
  } catch (error) {
    throw error instanceof RecordCopyError ? error : new RecordCopyError(explain(error), { cause: error })
  } finally {
    for (const watch of watches) watch.close()
    primaries.close()
  }
}

function explain(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  if (/^NOPERM|unknown (sub)?command|syntax error/i.test(message))
    return `This Redis does not let its user copy it (${message.split('\n')[0]}). A backup needs SCAN, DUMP, CLIENT TRACKING and CLIENT PAUSE.`
  return `Redis could not be copied: ${message}`
}

async function copyAll(hand: Redis, write: Write): Promise<void> {
  let cursor = '0'
  do {
    const [next, keys] = await hand.scan(cursor, 'MATCH', '*mr:*', 'COUNT', SCANNED)
    cursor = next
    await writeKeys(hand, keys.filter(isKept), write)
  } while (cursor !== '0')
}

async function catchUp(watches: readonly ChangeWatch[], write: Write): Promise<void> {
  for (let round = 0; round < MOST_ROUNDS; round++) {
    for (const watch of watches) await watch.settle()
    if (watches.reduce((sum, { size }) => sum + size, 0) <= FEW) return
    for (const watch of watches) await writeKeys(watch.hand, watch.take(), write)
  }
}

/** Holds back all writes and copies what is left. */
async function cut(watches: readonly ChangeWatch[], write: Write): Promise<CopiedRecord> {
  for (let attempt = 0; attempt < MOST_PAUSES; attempt++) {
    const last: CopiedKey[] = []
    const began = performance.now()
    let at = 0
    try {
      await Promise.all(watches.map(({ hand }) => hand.call('CLIENT', 'PAUSE', String(PAUSE_MS), 'WRITE')))
      await Promise.all(watches.map((watch) => watch.settle()))
      at = toMs(await watches[0]!.hand.time())
      for (const watch of watches) await writeKeys(watch.hand, watch.take(), async (kept) => void last.push(kept))
    } finally {
      await Promise.allSettled(watches.map(({ hand }) => hand.call('CLIENT', 'UNPAUSE')))
    }
    const pausedMs = Math.round(performance.now() - began)
    for (const kept of last) await write(kept)
    // Longer than that, and something may have changed before the last was read. It was told, so it is copied in the next turn.
    if (pausedMs < PAUSE_MS) return { at, pausedMs }
    await catchUp(watches, write)
  }
  throw new RecordCopyError(
    `Redis changes so fast that it could not be copied within ${PAUSE_MS} ms at one moment. Try again when less is going on.`,
  )
}

async function writeKeys(hand: Redis, keys: readonly string[], write: Write): Promise<void> {
  for (let from = 0; from < keys.length; from += PAGE)
    for (const kept of await readKeys(hand, keys.slice(from, from + PAGE))) await write(kept)
}

/** The status of a record is read beside its dump; if it changes in between, both are read again. */
async function readKeys(hand: Redis, keys: readonly string[]): Promise<CopiedKey[]> {
  const asked = hand.pipeline()
  asked.time()
  for (const key of keys) {
    asked.dumpBuffer(key).pttl(key)
    if (jobOfRecordKey(key) !== undefined) asked.hget(key, 'status')
  }
  const answers = ((await asked.exec()) ?? []).map(([error, answer]) => {
    if (error) throw error
    return answer
  })
  const now = toMs(answers.shift() as [string, string])
  return keys.map((key): CopiedKey => {
    const dump = answers.shift() as Buffer | null
    const ttl = Number(answers.shift())
    const status = jobOfRecordKey(key) === undefined ? undefined : (answers.shift() as string | null)
    if (dump === null || ttl === -2) return { key }
    return { key, dump, ...(ttl >= 0 && { expires: now + ttl }), ...(typeof status === 'string' && { status }) }
  })
}
