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
  /** The time from SIGTERM to SIGKILL. */
  termMs: number
}

export const RUNNER_TIMINGS: RunnerTimings = {
  restartMinMs: 1000,
  restartMaxMs: 30_000,
  steadyMs: 5000,
  silenceMs: 60_000,
  checkMs: 5000,
  termMs: 2000,
}
