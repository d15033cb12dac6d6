/** Which models take no rows just now, as one step through a batch finds out. Used by SubmitSlice. */
import type { ProblemError } from '@millrace/contracts'
import type { LeftRows } from '@millrace/queue'

/** Refusals that say nothing of other models. */
const OF_A_MODEL = new Set(['model_paused', 'model_loading', 'queue_full'])
/** In a batch of several models each has a share of what the tenant may have open: see SubmitRow. */
const OF_A_SHARE = 'tenant_limit'
/** Where nothing else is said, it is tried again after this. Seconds. */
const WAIT_SECONDS = 2

export class HeldUp {
  readonly #models: Set<string>
  #isAll = false
  /** Why, and for how long; undefined: none was found. */
  waits: { code: string; seconds: number } | undefined

  /** @param models Those of which it is known. */
  constructor(models: readonly string[]) {
    this.#models = new Set(models)
  }

  has(model: string | null): boolean {
    return this.#isAll || (model !== null && this.#models.has(model))
  }

  /** All of these. Null, or none: it is not known which. */
  hasAll(models: LeftRows['models']): boolean {
    return this.#isAll || (models !== null && models.length > 0 && models.every((model) => this.#models.has(model)))
  }

  note(problem: ProblemError, model: string | null, isMixed: boolean): void {
    const isOfModel = OF_A_MODEL.has(problem.code) || (isMixed && problem.code === OF_A_SHARE)
    if (isOfModel && model !== null) this.#models.add(model)
    else this.#isAll = true
    this.waits ??= { code: problem.code, seconds: problem.options.retryAfter ?? WAIT_SECONDS }
  }

  /** As the state of the batch has it. */
  get models(): LeftRows['models'] {
    return this.#isAll ? null : [...this.#models]
  }
}

/** Whether the same may be accepted later. What is damaged stays so. */
export function mayComeAgain(problem: ProblemError): boolean {
  if (problem.code === 'object_damaged') return false
  return problem.status === 429 || problem.status >= 500
}
