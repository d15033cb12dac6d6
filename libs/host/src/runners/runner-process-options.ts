/** What a RunnerProcess is made of, and its time limits. Filled by node-runner.ts and python-runner.ts. */
import type { Log } from '@millrace/contracts'
import type { LoadFailure } from './load-faults.ts'
import type { WearLimits } from './process/wear.ts'
import type { RunnerCommand } from './runner-child.ts'

export interface RunnerProcessOptions {
  /** Says in log lines which runner this is. */
  label: string
  command: RunnerCommand
  logger: Log
  timings?: Partial<RunnerTimings>
  /** After so many runs that lacked memory, the process is replaced. Default: 1. */
  memoryErrors?: number
  /** When the process is replaced though it is well. Default: never. */
  wear?: WearLimits
  /** Called each time the model could not be loaded, instead of a warning in the log. Loading is tried again. */
  onLoadFailed?: (failure: LoadFailure) => void
}

/** The time limits of a runner process, in milliseconds. Only tests change them. */
export interface RunnerTimings {
  /** The first and the longest delay before a runner that cannot start is tried again. */
  restartMinMs: number
  restartMaxMs: number
  /** A runner that lived this long without a run does not count as a failed start. */
  steadyMs: number
  /** An idle runner that is silent for longer is replaced. A busy one never is, because native code blocks its heartbeat. */
  silenceMs: number
  /** How often silence is looked for. It must be found twice, because this process may have been asleep itself. */
  checkMs: number
  /** How long a runner may take to begin a held run that it has taken, once the run before it has its answer. */
  beginMs: number
  /** The time from SIGTERM to SIGKILL. */
  termMs: number
}

export const RUNNER_TIMINGS: RunnerTimings = {
  restartMinMs: 1000,
  restartMaxMs: 30_000,
  steadyMs: 5000,
  silenceMs: 60_000,
  checkMs: 5000,
  beginMs: 10_000,
  termMs: 2000,
}
