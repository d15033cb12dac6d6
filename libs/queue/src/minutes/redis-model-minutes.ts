/** The minutes of a model, in Redis: the scripts that move jobs write them; see libs/queue/src/scripts/minutes. Made by openQueue. */
import type { MinuteCounts, ModelMinutes } from '../ports/usage/model-minutes.ts'
import { prefixOfModel } from '../redis/keys.ts'
import { type Ask, redisNow, type RedisClient } from '../redis/redis-client.ts'
import { orUnavailable } from '../redis/redis-connection.ts'
import { answersOf } from '../redis/replies-of.ts'
import { MINUTES } from '../scripts/contract/constants/minutes.ts'
import { Lengths } from '../ports/usage/lengths.ts'

const MINUTE_MS = 60_000
/** Minutes that are read at once. */
const AT_ONCE = 240

export class RedisModelMinutes implements ModelMinutes {
  readonly #redis: RedisClient

  constructor(redis: RedisClient) {
    this.#redis = redis
  }

  async now(model: string): Promise<number> {
    return Math.floor((await orUnavailable(() => redisNow(this.#redis, prefixOfModel(model)))) / MINUTE_MS)
  }

  async read(model: string, from: number, to: number): ReturnType<ModelMinutes['read']> {
    const found: Awaited<ReturnType<ModelMinutes['read']>> = []
    for (let first = from; first <= to; first += AT_ONCE) {
      const minutes = Array.from({ length: Math.min(AT_ONCE, to - first + 1) }, (_, i) => first + i)
      const asks = minutes.map(
        (minute): Ask =>
          (to) =>
            to.hgetall(minuteKey(model, minute)),
      )
      for (const [i, hash] of ((await answersOf(this.#redis, asks)) as Hash[]).entries())
        if (Object.keys(hash).length > 0) found.push({ minute: first + i, ...toCounts(hash) })
    }
    return found
  }
}

type Hash = Readonly<Record<string, string>>

const minuteKey = (model: string, minute: number): string => `${prefixOfModel(model)}minute:${minute}`

const COUNTED = ['submitted', 'reran', 'succeeded', 'failed', 'canceled'] as const

/** What a minute keeps, as the script's prelude says it. */
export function toCounts(hash: Hash): MinuteCounts {
  const counts = { submitted: 0, reran: 0, succeeded: 0, failed: 0, canceled: 0 }
  const [wait, run] = [new Lengths(), new Lengths()]
  for (const [field, text] of Object.entries(hash)) {
    const [what = '', step] = field.split(' ')
    const name = COUNTED.find((one) => one === what)
    if (step === undefined) {
      if (name) counts[name] += Number(text)
      continue
    }
    const [count, sumMs] = unpack(text)
    if (name) counts[name] += count
    const lengths = what === 'wait' ? wait : run
    lengths.add(Number(step), count, sumMs)
  }
  return { ...counts, wait, run }
}

const COUNTS = BigInt(MINUTES.MINUTE_COUNTS)

const unpack = (text: string): [count: number, sumMs: number] => {
  const both = BigInt(text)
  return [Number(both % COUNTS), Number(both / COUNTS)]
}
