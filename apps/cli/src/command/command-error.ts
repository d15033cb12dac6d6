/** Faults that a command tells its user in a sentence, without a stack. Thrown by any command, printed by run-cli.ts. */
import { EXIT } from './exit-codes.ts'
import { FAULTS, type FaultCode } from './faults.ts'

/** The command could not do what it was asked to do. `code` is a row of FAULTS, which gives the exit code. */
export class CommandError extends Error {
  readonly code: FaultCode

  constructor(code: FaultCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'CommandError'
    this.code = code
  }

  get exitCode(): number {
    return EXIT[FAULTS[this.code].exit]
  }
}

/** The command was called wrongly. */
export class UsageError extends CommandError {
  constructor(message: string, options?: { cause?: unknown }) {
    super('usage', message, options)
    this.name = 'UsageError'
  }
}

/** The user stopped the command by Ctrl-C. */
export class LeftError extends CommandError {
  constructor(message: string) {
    super('left', message)
    this.name = 'LeftError'
  }
}
