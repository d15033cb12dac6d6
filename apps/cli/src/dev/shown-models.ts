/** The models that `millrace dev` has shown, with the state of each. Kept by AuthorScreen. */
import type { Manifest } from '@millrace/contracts'
import type { ModelRef } from '@millrace/host'

export interface ShownModel {
  label: string
  state: 'loading' | 'ready' | 'failed'
  /** When it began to load. Monotonic, in milliseconds. */
  since: number
  manifest?: Manifest
  /** The failure that was shown. The same failure is not shown twice. */
  told?: string
}

/** The path identifies a model. */
export class ShownModels {
  readonly #models = new Map<string, ShownModel>()

  /** All models, in the order in which they were first shown. */
  all(): ShownModel[] {
    return [...this.#models.values()]
  }

  /** True when every model has loaded or failed. False while there is none. */
  get areSettled(): boolean {
    return this.#models.size > 0 && this.all().every(({ state }) => state !== 'loading')
  }

  /** Marks the model as loading from now on. Returns whether it was known before. */
  startLoading(model: ModelRef): boolean {
    const isKnown = this.#models.has(keyOf(model))
    this.#models.set(keyOf(model), { label: model.label, state: 'loading', since: performance.now() })
    return isKnown
  }

  /** The state of the model. A model that is new here counts as loading from now on. */
  of(model: ModelRef): ShownModel {
    if (!this.#models.has(keyOf(model))) this.startLoading(model)
    return this.#models.get(keyOf(model))!
  }

  forget(model: ModelRef): void {
    this.#models.delete(keyOf(model))
  }
}

const keyOf = ({ path, label }: ModelRef): string => path ?? label
