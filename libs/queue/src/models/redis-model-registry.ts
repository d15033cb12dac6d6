/** What workers say of their models. A manifest stays when its workers go: jobs queue while nobody is up. Made by openQueue. */
import { type Manifest, manifestSchema } from '@millrace/contracts'
import type { Redis } from 'ioredis'
import { MODELS_KEY, prefixOfModel } from '../redis/keys.ts'
import type { RunScript } from '../scripts/define-scripts.ts'
import type { ModelRegistry, ModelState } from '../ports/model-registry.ts'
import { orUnavailable, redisNow } from '../redis/redis-connection.ts'
import { WORKER_ALIVE_MS } from '../scripts/contract/script-constants.ts'
import { writeInReserve } from '../redis/write-in-reserve.ts'

export class RedisModelRegistry implements ModelRegistry {
  readonly #redis: Redis
  readonly #run: RunScript
  readonly #webhooks: { seed(model: string): Promise<void> }
  readonly #seeded = new Set<string>()
  /** By model, as last read. To parse a manifest costs as much as all else of an answer about it. */
  readonly #parsed = new Map<string, { text: string; manifest: Manifest }>()

  constructor(redis: Redis, run: RunScript, webhooks: { seed(model: string): Promise<void> }) {
    this.#redis = redis
    this.#run = run
    this.#webhooks = webhooks
  }

  async publish(manifest: Manifest, worker: string): Promise<void> {
    const model = manifest.name
    // The name first: whoever changes webhook settings from now on tells this model's shard too. What was set before,
    // it is told here; only then there is a manifest, and so jobs.
    await orUnavailable(() => writeInReserve(this.#redis, 'SADD', MODELS_KEY, model))
    if (!this.#seeded.has(model)) await this.#webhooks.seed(model)
    this.#seeded.add(model)
    await this.#run('models/publish', { model, manifest, worker })
  }

  async withdraw(model: string, worker: string): Promise<void> {
    await orUnavailable(() => this.#redis.zrem(`${prefixOfModel(model)}workers`, worker))
  }

  async get(model: string): Promise<ModelState | undefined> {
    return (await this.#read([model], (text) => manifestSchema.parse(JSON.parse(text))))[0]
  }

  async list(): Promise<ModelState[]> {
    const names = await orUnavailable(() => this.#redis.smembers(MODELS_KEY))
    // One that is not understood, such as that of another version, hides no others.
    return this.#read(names.sort(), (text) => manifestSchema.safeParse(JSON.parse(text)).data)
  }

  async #read(names: string[], parse: (text: string) => Manifest | undefined): Promise<ModelState[]> {
    if (names.length === 0) return []
    const now = await orUnavailable(() => redisNow(this.#redis))
    const pipeline = this.#redis.pipeline()
    for (const name of names) {
      const prefix = prefixOfModel(name)
      pipeline.get(`${prefix}manifest`)
      pipeline.zcount(`${prefix}workers`, now - WORKER_ALIVE_MS, '+inf')
      pipeline.zcard(`${prefix}line`)
      pipeline.zcard(`${prefix}open`)
    }
    const replies = (await orUnavailable(() => pipeline.exec())) ?? []
    const values = replies.map(([error, reply]) => {
      if (error) throw error
      return reply
    })
    return names.flatMap((name, i) => {
      const [text, workers, queued, open] = values.slice(i * 4, i * 4 + 4)
      if (typeof text !== 'string') return []
      const known = this.#parsed.get(name)
      const manifest = known?.text === text ? known.manifest : parse(text)
      if (!manifest) return []
      if (manifest !== known?.manifest) this.#parsed.set(name, { text, manifest })
      const running = Math.max(0, Number(open) - Number(queued))
      return [{ manifest, workers: Number(workers), queued: Number(queued), running }]
    })
  }
}
