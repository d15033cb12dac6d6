/**
 * Manifests as submits need them: read from Redis at most once a second per model, whatever the load. A new version is
 * seen within that second. Unknown models are not remembered, so names made up by clients take no memory.
 */
import type { ModelReader, ModelState } from '@millrace/queue'

const FRESH_MS = 1000

export class ModelCache {
  readonly #models: Pick<ModelReader, 'get'>
  readonly #kept = new Map<string, { state: ModelState; until: number }>()
  readonly #asked = new Map<string, Promise<ModelState | undefined>>()

  constructor(models: Pick<ModelReader, 'get'>) {
    this.#models = models
  }

  async get(name: string): Promise<ModelState | undefined> {
    const kept = this.#kept.get(name)
    if (kept && kept.until > performance.now()) return kept.state
    const asked = this.#asked.get(name) ?? this.#ask(name)
    return asked
  }

  #ask(name: string): Promise<ModelState | undefined> {
    const answer = this.#models
      .get(name)
      .then((state) => {
        if (state) this.#keep(name, state)
        else this.#kept.delete(name)
        return state
      })
      .finally(() => this.#asked.delete(name))
    this.#asked.set(name, answer)
    return answer
  }

  #keep(name: string, state: ModelState): void {
    this.#kept.set(name, { state, until: performance.now() + FRESH_MS })
  }
}
