/** How a check ends when it says neither yes nor no. Thrown by a checker; each caller makes its own refusal of it. */

/** The schema itself can't be used: no JSON Schema, or a reference that leads nowhere. */
export class UnusableSchemaError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'UnusableSchemaError'
  }
}

/** What ran out: time, memory, or room for calls within calls. */
export type CostlyReason = 'time' | 'memory' | 'depth'

const REASONS: Record<CostlyReason, string> = {
  time: 'it took too long',
  memory: 'it took too much memory',
  depth: 'its references lead round in a circle, or too deep',
}

/** The check was given up. `message` says what about the schema makes it costly, as far as that is known. */
export class CheckTooCostlyError extends Error {
  readonly reason: CostlyReason

  constructor(reason: CostlyReason, notes: readonly { message: string }[] = []) {
    const [note] = notes
    super(`the check by the schema was given up, for ${REASONS[reason]}${note ? `: ${note.message}` : ''}`)
    this.name = 'CheckTooCostlyError'
    this.reason = reason
  }
}

/** Costly checks are waiting already: of the same tenant, or of all. Worth another try in a few seconds. */
export class ChecksBusyError extends Error {
  readonly scope: 'tenant' | 'process'

  constructor(scope: 'tenant' | 'process') {
    super('too many costly checks are waiting')
    this.name = 'ChecksBusyError'
    this.scope = scope
  }
}
