/** What workers say of their models. A manifest stays when its workers go: jobs queue while nobody is up. Made by openQueue. */
import type { Manifest } from '@millrace/contracts'
import { contractLinesOf, linesOf } from './lines-of.ts'
import { parseKnownManifest, parseManifest } from './parse-manifest.ts'
import { nameOfPause, toPauses } from './pauses.ts'
import { readVersions } from './read-versions.ts'
import { MODELS_KEY, prefixOfModel } from '../redis/keys.ts'
import type { RunScript } from '../scripts/define-scripts.ts'
import type {
  ModelLoad,
  ModelRegistry,
  ModelState,
  ModelTally,
  ModelVersions,
  Pauses,
  WorkerMeasures,
} from '../ports/model-registry.ts'
import { answersOf } from '../redis/replies-of.ts'
import { type Ask, redisNow, type RedisClient } from '../redis/redis-client.ts'
import { orUnavailable } from '../redis/redis-connection.ts'
import { WORKER_ALIVE_MS } from '../scripts/contract/script-constants.ts'
import { writeInReserve } from '../redis/write-in-reserve.ts'
import { readModelLoads } from '../workers/model-loads.ts'

/** Tells a model's shard what is set for all models. */
interface Seed {
  seed(model: string): Promise<void>
}

export class RedisModelRegistry implements ModelRegistry {
  readonly #redis: RedisClient
  readonly #run: RunScript
  readonly #seeds: readonly Seed[]
  readonly #seeded = new Set<string>()
  /** By model, or model and version, as last read. To parse a manifest costs as much as all else of an answer about it. */
  readonly #parsed = new Map<string, { text: string; manifest: Manifest }>()

  constructor(redis: RedisClient, run: RunScript, seeds: readonly Seed[]) {
    this.#redis = redis
    this.#run = run
    this.#seeds = seeds
  }

  async publish(
    manifest: Manifest,
    worker: string,
    places = manifest.concurrency,
    { busy, loadMs }: WorkerMeasures = {},
  ): Promise<boolean> {
    const model = manifest.name
    // The name first: whoever changes settings from now on tells this model's shard too. What was set before, it is told here; only then there is a manifest, and so jobs.
    const listed = orUnavailable(() => writeInReserve(this.#redis, 'SADD', MODELS_KEY, model))
    if (this.#seeded.has(model)) {
      // Told before: the shard of the names may be away while that of the model is there.
      listed.catch(() => undefined)
    } else {
      await listed
      for (const seed of this.#seeds) await seed.seed(model)
      this.#seeded.add(model)
    }
    const { version } = manifest
    const contracts = contractLinesOf(manifest)
    const published = { ...manifest, contracts }
    const lines = linesOf(manifest)
    const measured = {
      busy: busy === undefined ? undefined : Math.round(busy * 1000) / 1000,
      load_ms: loadMs === undefined ? undefined : Math.round(loadMs),
    }
    const told = { model, version, manifest: published, worker, places, lines, ...contracts, ...measured }
    return this.#run('models/publish', told)
  }

  async withdraw(manifest: Manifest, worker: string): Promise<void> {
    const { name: model, version } = manifest
    await this.#run('models/withdraw', { model, version, worker, lines: linesOf(manifest) })
  }

  async version(model: string, version: string): Promise<Manifest | undefined> {
    const text = await orUnavailable(() => this.#redis.hget(`${prefixOfModel(model)}versions`, version))
    return text === null ? undefined : this.#parse(`${model} ${version}`, text, parseManifest)
  }

  versions(model: string): Promise<ModelVersions | undefined> {
    return readVersions(this.#redis, model, (version, text) =>
      this.#parse(`${model} ${version}`, text, parseKnownManifest),
    )
  }

  async pauses(model: string): Promise<Pauses> {
    return toPauses(await orUnavailable(() => this.#redis.hgetall(`${prefixOfModel(model)}paused`)))
  }

  async pause(model: string, { version, submits }: Parameters<ModelRegistry['pause']>[1]): Promise<void> {
    await this.#run('models/pause', { model, what: nameOfPause(version), submits })
  }

  async resume(model: string, { version }: Parameters<ModelRegistry['resume']>[1]): Promise<void> {
    await this.#run('models/resume', { model, what: nameOfPause(version) })
  }

  async get(model: string): Promise<ModelState | undefined> {
    return (await this.#read([model], parseManifest))[0]
  }

  async list(): Promise<ModelState[]> {
    const names = await orUnavailable(() => this.#redis.smembers(MODELS_KEY))
    // One that is not understood, such as that of another version, hides no others.
    return this.#read(names.sort(), parseKnownManifest)
  }

  async jobsOf(tenant: string, models: readonly string[]): ReturnType<ModelRegistry['jobsOf']> {
    const asks = models
      .map(prefixOfModel)
      .flatMap((prefix): Ask[] => [
        (to) => to.zcard(`${prefix}index:${tenant}:queued`),
        (to) => to.zcard(`${prefix}index:${tenant}:running`),
      ])
    const counts = asks.length === 0 ? [] : await answersOf(this.#redis, asks)
    return models.map((_, i) => ({ queued: Number(counts[i * 2]), running: Number(counts[i * 2 + 1]) }))
  }

  loads(): Promise<ModelLoad[]> {
    return readModelLoads(this.#redis)
  }

  async #read(names: string[], parse: ParseManifest): Promise<ModelState[]> {
    const [first] = names
    if (first === undefined) return []
    const now = await orUnavailable(() => redisNow(this.#redis, prefixOfModel(first)))
    const asks = names
      .map(prefixOfModel)
      .flatMap((prefix): Ask[] => [
        (to) => to.get(`${prefix}manifest`),
        (to) => to.zcount(`${prefix}workers`, now - WORKER_ALIVE_MS, '+inf'),
        (to) => to.zcard(`${prefix}lease`),
        (to) => to.zcard(`${prefix}open`),
        (to) => to.hgetall(`${prefix}paused`),
        (to) => to.hgetall(`${prefix}tally`),
      ])
    const values = await answersOf(this.#redis, asks)
    return names.flatMap((name, i) => {
      const [text, workers, running, open, paused, tally] = values.slice(i * 6, i * 6 + 6)
      if (typeof text !== 'string') return []
      const manifest = this.#parse(name, text, parse)
      if (!manifest) return []
      const queued = Math.max(0, Number(open) - Number(running))
      const pauses = toPauses(paused as Record<string, string>)
      const counts = toTally(tally as Record<string, string>)
      return [{ manifest, workers: Number(workers), queued, running: Number(running), pauses, tally: counts }]
    })
  }

  /** The same object as long as the text is the same. */
  #parse(key: string, text: string, parse: ParseManifest): Manifest | undefined {
    const known = this.#parsed.get(key)
    if (known?.text === text) return known.manifest
    const manifest = parse(text)
    if (this.#parsed.size > MOST_PARSED) this.#parsed.clear()
    if (manifest) this.#parsed.set(key, { text, manifest })
    return manifest
  }
}

const toTally = (kept: Partial<Record<string, string>>): ModelTally => ({
  requeued: Number(kept.requeued ?? 0),
  failed: Number(kept.failed ?? 0),
  canceled: Number(kept.canceled ?? 0),
  expired: Number(kept.expired ?? 0),
})

type ParseManifest = (text: string) => Manifest | undefined
/** Manifests that are kept parsed; versions come and go. */
const MOST_PARSED = 1000
