/**
 * Reads of records that are asked for in the same turn of the event loop go to Redis in one write: the round trip costs both
 * sides more than the read. It names the fields, so that only values come back. Used by RedisJobStore and RedisUpkeepStore.
 */
import type { JobId } from '@millrace/contracts'
import { type Ask, askAll, type RedisClient } from '../redis/redis-client.ts'
import type { JobFound, NotFound } from '../ports/job-reader.ts'
import { sendCommand } from '../redis/send-command.ts'
import { RecordRead } from './record-read.ts'
import { prefixOfJob } from '../redis/keys.ts'
import type { RunScript } from '../scripts/define-scripts.ts'
import { orUnavailable } from '../redis/redis-connection.ts'
import { isFormer, RECORD_FIELDS, toRecord } from '../record/record-fields.ts'

/** A record's hash; no `status` in it means that there is no such job. */
type RecordHash = Record<string, string>

interface Waiting {
  key: string
  resolve(hash: RecordHash): void
  reject(error: unknown): void
}

export class RecordReader {
  readonly #redis: RedisClient
  readonly #run: RunScript
  #waiting: Waiting[] = []

  constructor(redis: RedisClient, run: RunScript) {
    this.#redis = redis
    this.#run = run
  }

  /** The job, if it is that tenant's; whoever's it is when the tenant is undefined. */
  async find(id: JobId, tenant: string | undefined): Promise<JobFound> {
    const key = `${prefixOfJob(id)}job:${id}`
    let hash = await orUnavailable(() => this.#read(key))
    if (isFormer(hash)) hash = await orUnavailable(() => this.#redis.hgetall(key))
    if (!hash.status) return this.explainAbsence(id, tenant)
    if (tenant !== undefined && hash.tenant !== tenant) return { outcome: 'missing' }
    return hash.status === 'purged' ? { outcome: 'purged' } : { outcome: 'found', record: toRecord(id, hash) }
  }

  /** Of a job that has no record: whether it was that tenant's and is purged. */
  async explainAbsence(id: JobId, tenant: string | undefined): Promise<NotFound> {
    const owner = await this.#run('jobs/purged', { id })
    return { outcome: owner !== null && (tenant === undefined || owner === tenant) ? 'purged' : 'missing' }
  }

  /** Rejects with the client's own error, each read for itself. */
  #read(key: string): Promise<RecordHash> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ key, resolve, reject })
      if (this.#waiting.length === 1) setImmediate(() => void this.#flush())
    })
  }

  async #flush(): Promise<void> {
    const batch = this.#waiting
    this.#waiting = []
    try {
      const asks = batch.map(
        ({ key }): Ask =>
          (to) =>
            sendCommand(to as unknown as RedisClient, new RecordRead(key)),
      )
      const replies = await askAll(this.#redis, asks)
      for (const [i, { resolve, reject }] of batch.entries()) {
        const [error, values] = replies[i] ?? [new Error('no reply'), null]
        if (error) reject(error)
        else resolve(toHash(values as (string | null)[]))
      }
    } catch (error) {
      for (const { reject } of batch) reject(error)
    }
  }
}

function toHash(values: (string | null)[]): RecordHash {
  const hash: RecordHash = {}
  for (let i = 0; i < RECORD_FIELDS.length; i++) {
    const value = values[i]
    if (value !== null && value !== undefined) hash[RECORD_FIELDS[i] as string] = value
  }
  return hash
}
