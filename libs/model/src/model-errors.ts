/**
 * The ways a run can fail. The runner turns each into its error code; anything else that is thrown counts as an error
 * of the model.
 */

/** A registered symbol, because a model may load its own copy of this package. Its errors are known as those of this one. */
const MARK = Symbol.for('millrace.error')

/** What `instanceof` answers. `asked` may also be a class that an author has derived: that one means only its own. */
function isKind(asked: object, kind: object, name: string, value: unknown): boolean {
  if (asked !== kind) return Function.prototype[Symbol.hasInstance].call(asked, value)
  return value instanceof Error && (value as { [MARK]?: unknown })[MARK] === name
}

/** Thrown by a model that wants to tell its caller more than a message, such as a code of its own. */
export class ModelError extends Error {
  /** JSON of at most 4 KB, shown as `error.details` of the job. Larger details are left out. */
  readonly details: Record<string, unknown>

  constructor(message: string, details: Record<string, unknown>, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'ModelError'
    this.details = details
  }

  get [MARK](): string {
    return 'ModelError'
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return isKind(this, ModelError, 'ModelError', value)
  }
}

/** The input does not fit the model's own schema. The message names the places, never the values. */
export class InvalidInputError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'InvalidInputError'
  }

  get [MARK](): string {
    return 'InvalidInputError'
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return isKind(this, InvalidInputError, 'InvalidInputError', value)
  }
}

/** The answer does not fit the output schema, is not JSON, or names a file that may not be read. */
export class InvalidOutputError extends Error {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'InvalidOutputError'
  }

  get [MARK](): string {
    return 'InvalidOutputError'
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return isKind(this, InvalidOutputError, 'InvalidOutputError', value)
  }
}

/** The loaded module does not export a model. */
export class NotAModelError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'NotAModelError'
  }
}
