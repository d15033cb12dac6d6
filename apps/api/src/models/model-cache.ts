/**
 * Manifests as submits need them: read from Redis at most once a second per model and version, whatever the load. A new version is
 * seen within that second. Unknown models are not remembered, so names made up by clients take no memory.
 */
import type { Manifest } from '@millrace/contracts'
import type { ModelLoad, ModelReader, ModelState, ModelSteering, TrafficShare } from '@millrace/queue'

const FRESH_MS = 1000
/** A model has at most a hundred versions, so only many models come near. */
const MOST_KEPT = 10_000

export class ModelCache {
  readonly #models: Pick<ModelReader, 'get' | 'version' | 'loads'>
  readonly #steering: Pick<ModelSteering, 'traffic'>
  /** Models may come that nobody has told of. */
  readonly areAwaited: () => boolean
  readonly #traffic = new ShortMemory<readonly TrafficShare[]>()
  readonly #states = new ShortMemory<ModelState>()
  readonly #versions = new ShortMemory<Manifest>()

  constructor(
    models: Pick<ModelReader, 'get' | 'version' | 'loads'>,
    steering: Pick<ModelSteering, 'traffic'>,
    areAwaited: () => boolean = () => false,
  ) {
    this.areAwaited = areAwaited
    this.#models = models
    this.#steering = steering
  }

  /** The current version. */
  get(name: string): Promise<ModelState | undefined> {
    return this.#states.recall(name, () => this.#models.get(name))
  }

  /** Not remembered: it is asked only for what was never published. */
  loads(): Promise<ModelLoad[]> {
    return this.#models.loads()
  }

  /** Shares of versions that a worker has. */
  async traffic(name: string): Promise<readonly TrafficShare[]> {
    return (await this.#traffic.recall(name, () => this.#steering.traffic(name))) ?? []
  }

  version(name: string, version: string): Promise<Manifest | undefined> {
    return this.#versions.recall(`${name} ${version}`, () => this.#models.version(name, version))
  }
}

/** What was found out within the last second. One question at a time for each key. */
class ShortMemory<Value> {
  readonly #kept = new Map<string, { value: Value; until: number }>()
  readonly #asked = new Map<string, Promise<Value | undefined>>()

  async recall(key: string, ask: () => Promise<Value | undefined>): Promise<Value | undefined> {
    const kept = this.#kept.get(key)
    if (kept && kept.until > performance.now()) return kept.value
    return this.#asked.get(key) ?? this.#ask(key, ask)
  }

  #ask(key: string, ask: () => Promise<Value | undefined>): Promise<Value | undefined> {
    const answer = ask()
      .then((value) => {
        if (value) this.#keep(key, value)
        else this.#kept.delete(key)
        return value
      })
      .finally(() => this.#asked.delete(key))
    this.#asked.set(key, answer)
    return answer
  }

  #keep(key: string, value: Value): void {
    if (this.#kept.size >= MOST_KEPT) this.#kept.clear()
    this.#kept.set(key, { value, until: performance.now() + FRESH_MS })
  }
}
