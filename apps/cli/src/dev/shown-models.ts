/** The models that the screen of `millrace dev` has told of, and how far each is. Kept by AuthorScreen. */
import type { Manifest } from '@millrace/contracts'
import type { ModelRef } from '@millrace/host'

export interface ShownModel {
  label: string
  state: 'loading' | 'ready' | 'failed'
  /** When its loading began. Monotonic, in milliseconds. */
  since: number
  manifest?: Manifest
  /** The failure that was told; the same again is not. */
  told?: string
}

/** A model is known by its path. */
export class ShownModels {
  readonly #models = new Map<string, ShownModel>()

  /** As they were first told of. */
  all(): ShownModel[] {
    return [...this.#models.values()]
  }

  /** False as long as there is none. */
  get areSettled(): boolean {
    return this.#models.size > 0 && this.all().every(({ state }) => state !== 'loading')
  }

  /** It is being loaded from now on. Says whether it was known before. */
  startLoading(model: ModelRef): boolean {
    const isKnown = this.#models.has(keyOf(model))
    this.#models.set(keyOf(model), { label: model.label, state: 'loading', since: performance.now() })
    return isKnown
  }

  /** One that nobody has told of begins to load now. */
  of(model: ModelRef): ShownModel {
    if (!this.#models.has(keyOf(model))) this.startLoading(model)
    return this.#models.get(keyOf(model))!
  }

  forget(model: ModelRef): void {
    this.#models.delete(keyOf(model))
  }
}

const keyOf = ({ path, label }: ModelRef): string => path ?? label
