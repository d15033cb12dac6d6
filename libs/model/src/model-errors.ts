/**
 * The ways a run can fail. The runner turns each into its error code; anything else that is thrown counts as an error
 * of the model.
 */

/** Thrown by a model that wants to tell its caller more than a message, such as a code of its own. */
export class ModelError extends Error {
  /** JSON of at most 4 KB, shown as `error.details` of the job. Larger details are left out. */
  readonly details: Record<string, unknown>

  constructor(message: string, details: Record<string, unknown>, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'ModelError'
    this.details = details
  }
}

/** The input does not fit the model's own schema. The message names the places, never the values. */
export class InvalidInputError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'InvalidInputError'
  }
}

/** The answer does not fit the output schema, is not JSON, or names a file that may not be read. */
export class InvalidOutputError extends Error {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'InvalidOutputError'
  }
}

/** The loaded module does not export a model. */
export class NotAModelError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'NotAModelError'
  }
}
