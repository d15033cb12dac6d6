/** The clocks of a runner process, in milliseconds. Tests shorten them; nobody else needs to. */
export interface RunnerTimings {
  /** First and longest delay before a runner that cannot start is tried again. */
  restartMinMs: number
  restartMaxMs: number
  /** A runner that lived this long without a run is no failed start. */
  steadyMs: number
  /** An idle runner that is silent for longer is replaced. A busy one never is: native code blocks its heartbeat. */
  silenceMs: number
  /** How often silence is looked for; it must be found twice, for this process may have slept itself. */
  checkMs: number
  /** From SIGTERM to SIGKILL. */
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
