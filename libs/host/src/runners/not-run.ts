/** The outcomes of runs that were given to no model. Used by RunnerProcess and HoldPlace. */
import type { RunOutcome } from '../runner.ts'

/** There is no process for it, and there will be none. */
export const NEVER_RAN: RunOutcome = { kind: 'crashed', exitCode: null, signal: null, shared: false, runSeconds: 0 }

/** It was told to stop before that. */
export const NOT_BEGUN: RunOutcome = { kind: 'canceled', killed: false, runSeconds: 0 }

/** Its process is gone, or does not come to it; it can be given to any other. */
export const TAKEN_BACK: RunOutcome = { kind: 'displaced', runSeconds: 0 }
