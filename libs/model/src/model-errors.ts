/** Ways a run can fail. The runner turns each into its code; whatever else is thrown is an error of the model, too. */

/** For a model to throw when its caller should learn more than a message, such as a code of its own. */
export class ModelError extends Error {
  /** JSON, at most 4 KB, shown as `error.details` of the job. Larger is left out. */
  readonly details: Record<string, unknown>

  constructor(message: string, details: Record<string, unknown>, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'ModelError'
    this.details = details
  }
}

/** The input does not fit the model's own schema. `message` names the places, never the values. */
export class InvalidInputError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'InvalidInputError'
  }
}

/** The answer does not fit the output schema, is no JSON, or names a file that may not be read. */
export class InvalidOutputError extends Error {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'InvalidOutputError'
  }
}

/** A module that was loaded as a model is none. */
export class NotAModelError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'NotAModelError'
  }
}
