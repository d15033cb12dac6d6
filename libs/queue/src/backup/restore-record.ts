/**
 * Puts a copied record into Redis, one server or a cluster, whatever the copy came from. Called by `millrace restore`, while no process
 * of Millrace runs on it.
 */
import type { JobId, Log } from '@millrace/contracts'
import type { Redis } from 'ioredis'
import type { AttemptStore } from '../ports/attempt-store.ts'
import { MODELS_KEY, prefixOfModel } from '../redis/keys.ts'
import { replyCode } from '../redis/redis-connection.ts'
import { redisNow, type RedisClient } from '../redis/redis-client.ts'
import { LAYOUT } from '../scripts/contract/script-constants.ts'
import { isKept, isOurs, jobOfRecordKey, type CopiedKey, RecordCounter, type RecordCounts } from './copied-key.ts'
import { openPrimaries, type Primaries } from './primaries.ts'

/** The layout that this version keeps jobs in. A backup of a newer one cannot be restored by it. */
export const RECORD_LAYOUT = LAYOUT

const PAGE = 64

/** Redis did not take a key of the backup. */
export class RecordRestoreError extends Error {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'RecordRestoreError'
  }
}

export class RecordRestore {
  readonly #primaries: Primaries

  private constructor(primaries: Primaries) {
    this.#primaries = primaries
  }

  static async open(url: string, logger: Log): Promise<RecordRestore> {
    return new RecordRestore(await openPrimaries(url, logger))
  }

  /** Whether Redis holds nothing of Millrace. */
  async isEmpty(): Promise<boolean> {
    for await (const keys of this.#keys(isOurs)) if (keys.length > 0) return false
    return true
  }

  /** Deletes all that Redis holds of Millrace, and nothing else. */
  async clear(): Promise<void> {
    for await (const keys of this.#keys(isOurs)) await Promise.all(keys.map((key) => this.#call('UNLINK', key)))
  }

  /** Puts these keys there, in the place of what they were. A key whose time is over is not made. */
  async put(kept: readonly CopiedKey[]): Promise<void> {
    const now = kept.length === 0 ? 0 : await redisNow(this.#primaries.route, MODELS_KEY)
    const last = new Map(kept.map((one) => [one.key, one]))
    await Promise.all(
      [...last.values()].map(({ key, dump, expires }) =>
        dump === undefined || (expires !== undefined && expires <= now)
          ? this.#call('UNLINK', key)
          : this.#call('RESTORE', key, String(expires ?? 0), dump, 'REPLACE', 'ABSTTL'),
      ),
    ).catch((error: unknown) => {
      throw explain(error)
    })
  }

  /**
   * Gives back every job that ran: its worker is gone, and not to blame. The job waits again, or is canceled if that was asked. Answers how
   * many there were.
   */
  async releaseRunning(attempts: Pick<AttemptStore, 'release'>): Promise<number> {
    const { route } = this.#primaries
    let released = 0
    for (const model of await route.smembers(MODELS_KEY)) {
      const prefix = prefixOfModel(model)
      for (const id of await route.zrange(`${prefix}lease`, '0', '-1')) {
        const [status, fence, began] = await route.hmget(`${prefix}job:${id}`, 'status', 'fence', 'began')
        if (status !== 'running' || fence === null) continue
        await attempts.release({ id: id as JobId, fence: Number(fence) }, (began ?? '') !== '')
        released++
      }
    }
    return released
  }

  /** What is there now. */
  async count(digest: (key: string) => string): Promise<RecordCounts> {
    const counter = new RecordCounter(digest)
    const route: RedisClient = this.#primaries.route
    for await (const keys of this.#keys(isKept)) {
      const found = await Promise.all(
        keys.map(async (key): Promise<CopiedKey> => {
          const status = jobOfRecordKey(key) === undefined ? null : await route.hget(key, 'status')
          return { key, dump: Buffer.alloc(0), ...(status !== null && { status }) }
        }),
      )
      for (const one of found) counter.add(one)
    }
    return counter.counts()
  }

  close(): void {
    this.#primaries.close()
  }

  async *#keys(isMeant: (key: string) => boolean): AsyncGenerator<string[]> {
    for (const node of this.#primaries.nodes) {
      let cursor = '0'
      do {
        const [next, keys]: [string, string[]] = await node.scan(cursor, 'MATCH', '*mr:*', 'COUNT', 500)
        cursor = next
        const meant = keys.filter(isMeant)
        for (let from = 0; from < meant.length; from += PAGE) yield meant.slice(from, from + PAGE)
      } while (cursor !== '0')
    }
  }

  #call(command: string, key: string, ...args: (string | Buffer)[]): Promise<unknown> {
    return (this.#primaries.route as Redis).call(command, key, ...args)
  }
}

function explain(error: unknown): Error {
  const message = error instanceof Error ? error.message : String(error)
  if (/DUMP payload version/.test(message))
    return new RecordRestoreError(
      'This Redis is older than the one that the backup is of, or of another kind: take the same or a newer one.',
      { cause: error },
    )
  if (replyCode(error) === 'OOM')
    return new RecordRestoreError('This Redis has too little memory for the backup.', { cause: error })
  return new RecordRestoreError(`Redis does not take the backup: ${message.split('\n')[0]}`, { cause: error })
}
