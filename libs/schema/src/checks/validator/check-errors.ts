/** The ways a check can end without a verdict. A checker throws these errors; each caller turns them into its own refusal. */

/** The schema itself can't be used: it is no JSON Schema, or a reference in it leads nowhere. */
export class UnusableSchemaError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'UnusableSchemaError'
  }
}

/** The resource that ran out: time, memory, or depth of nested calls. */
export type CostlyReason = 'time' | 'memory' | 'depth'

const REASONS: Record<CostlyReason, string> = {
  time: 'it took too long',
  memory: 'it took too much memory',
  depth: 'its references lead round in a circle, or too deep',
}

/** The check was given up. `message` says, as far as it is known, what in the schema makes it costly. */
export class CheckTooCostlyError extends Error {
  readonly reason: CostlyReason

  constructor(reason: CostlyReason, notes: readonly { message: string }[] = []) {
    const [note] = notes
    super(`the check by the schema was given up, for ${REASONS[reason]}${note ? `: ${note.message}` : ''}`)
    this.name = 'CheckTooCostlyError'
    this.reason = reason
  }
}

/** Too many costly checks are waiting already, of this tenant or of all. Another try in a few seconds may succeed. */
export class ChecksBusyError extends Error {
  readonly scope: 'tenant' | 'process'

  constructor(scope: 'tenant' | 'process') {
    super('too many costly checks are waiting')
    this.name = 'ChecksBusyError'
    this.scope = scope
  }
}
