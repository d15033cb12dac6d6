/** Faults that a command tells its user in a sentence, without a stack. Thrown anywhere in the program, told by run-cli.ts. */
import { EXIT } from './exit-codes.ts'

/** The command could not do what it was asked. */
export class CommandError extends Error {
  /** What the program then ends with. */
  readonly exitCode: number

  constructor(message: string, { exitCode = EXIT.failed, cause }: { exitCode?: number; cause?: unknown } = {}) {
    super(message, { cause })
    this.name = 'CommandError'
    this.exitCode = exitCode
  }
}

/** The command was called wrongly. */
export class UsageError extends CommandError {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, { ...options, exitCode: EXIT.misused })
    this.name = 'UsageError'
  }
}

/** The user left with a second Ctrl-C. */
export class LeftError extends CommandError {
  constructor(message: string) {
    super(message, { exitCode: EXIT.left })
    this.name = 'LeftError'
  }
}
