/** Faults that a command tells its user in a sentence, without a stack. */

/** The command could not do what it was asked; exit code 1. */
export class CommandError extends Error {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'CommandError'
  }
}

/** The command was called wrongly; exit code 2. */
export class UsageError extends Error {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'UsageError'
  }
}

/** The user left with a second Ctrl-C; exit code 130, as the system has it. */
export class LeftError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'LeftError'
  }
}
