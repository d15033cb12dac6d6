/** Ways a run can fail that are not the model's own error. The runner turns each into its code. */

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
