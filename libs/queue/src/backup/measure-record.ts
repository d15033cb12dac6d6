/** How much memory of Redis goes to what, by the keys. Called by `millrace disk`. */
import type { Log } from '@millrace/contracts'
import { MODELS_KEY, tagOf } from '../redis/keys.ts'
import { areaOf, isOurs } from './copied-key.ts'
import { openPrimaries } from './primaries.ts'

const PAGE = 200
/** Of a large value so many of its parts are looked at. */
const SAMPLES = '5'

export interface RecordMemory {
  /** Names of all models. */
  models: string[]
  /** By model, or by another area such as `files`, `webhooks` or `audit`. Bytes, as MEMORY USAGE estimates them. */
  bytes: Record<string, number>
  /** How many keys were measured. */
  keys: number
  /** More keys than were asked for are there; these were not measured. */
  truncated: boolean
}

/** Measures so many keys at most: each is a question to Redis. */
export async function measureRecord(url: string, logger: Log, most: number): Promise<RecordMemory> {
  const primaries = await openPrimaries(url, logger)
  try {
    const models = await primaries.route.smembers(MODELS_KEY)
    const byTag = new Map(models.map((model) => [tagOf(model), model]))
    const found: RecordMemory = { models, bytes: {}, keys: 0, truncated: false }
    for (const node of primaries.nodes) {
      let cursor = '0'
      do {
        const [next, all] = await node.scan(cursor, 'MATCH', '*mr:*', 'COUNT', PAGE)
        cursor = next
        const keys = all.filter(isOurs)
        if (found.keys + keys.length > most) return { ...found, truncated: true }
        const asked = node.pipeline()
        for (const key of keys) asked.call('MEMORY', 'USAGE', key, 'SAMPLES', SAMPLES)
        const answers = (await asked.exec()) ?? []
        for (const [index, key] of keys.entries()) {
          const [error, size] = answers[index] ?? []
          if (error) throw error
          const name = byTag.get(/^\{mr:([^}]+)\}/.exec(key)?.[1] ?? '') ?? areaOf(key)
          found.bytes[name] = (found.bytes[name] ?? 0) + Number(size ?? 0)
        }
        found.keys += keys.length
      } while (cursor !== '0')
    }
    return found
  } finally {
    primaries.close()
  }
}
