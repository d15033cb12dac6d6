/**
 * Manifests as submits need them: read from Redis at most once a second per model and version, whatever the load. A new version is
 * seen within that second. Unknown models are not remembered, so names made up by clients take no memory.
 */
import type { ModelReader, ModelState } from '@millrace/queue'

const FRESH_MS = 1000
/** A model has at most a hundred versions, so only many models come near. */
const MOST_KEPT = 10_000

export class ModelCache {
  readonly #models: Pick<ModelReader, 'get' | 'version'>
  readonly #kept = new Map<string, { state: ModelState; until: number }>()
  readonly #asked = new Map<string, Promise<ModelState | undefined>>()

  constructor(models: Pick<ModelReader, 'get' | 'version'>) {
    this.#models = models
  }

  /** The current version. */
  get(name: string): Promise<ModelState | undefined> {
    return this.#recall(name, () => this.#models.get(name))
  }

  version(name: string, version: string): Promise<ModelState | undefined> {
    return this.#recall(`${name} ${version}`, () => this.#models.version(name, version))
  }

  async #recall(key: string, ask: () => Promise<ModelState | undefined>): Promise<ModelState | undefined> {
    const kept = this.#kept.get(key)
    if (kept && kept.until > performance.now()) return kept.state
    return this.#asked.get(key) ?? this.#ask(key, ask)
  }

  #ask(key: string, ask: () => Promise<ModelState | undefined>): Promise<ModelState | undefined> {
    const answer = ask()
      .then((state) => {
        if (state) this.#keep(key, state)
        else this.#kept.delete(key)
        return state
      })
      .finally(() => this.#asked.delete(key))
    this.#asked.set(key, answer)
    return answer
  }

  #keep(key: string, state: ModelState): void {
    if (this.#kept.size >= MOST_KEPT) this.#kept.clear()
    this.#kept.set(key, { state, until: performance.now() + FRESH_MS })
  }
}
