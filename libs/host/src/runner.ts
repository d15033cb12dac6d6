/**
 * The port between jobs and models: what a worker asks of a runner, and every way a run can end. RunnerProcess is the real
 * one; whoever runs a model (an attempt, a local run) knows this file and none below it.
 */
import type { JobKind, Manifest, RunnerFile } from '@millrace/contracts'

/** One run of the model, as the pipeline hands it to a runner. */
export interface RunRequest {
  /** The attempt: repeated by the runner in every answer. */
  id: string
  kind: JobKind
  /** JSON value with null in place of each file. */
  input: unknown
  files: (RunnerFile & { size: number; sha256: string })[]
  /** Absolute path of the attempt's own folder, made by the caller and deleted by it. */
  workDir: string
  /** Aborting asks the model to stop; after the manifest's grace the runner is killed. */
  signal: AbortSignal
  /** From the start of the run until the runner is asked to stop, then killed. Seconds. */
  timeoutSeconds: number
  onProgress(fraction: number, message: string | undefined): void
  onLog(level: 'debug' | 'info' | 'warn' | 'error', message: string): void
  onOutput(chunk: unknown): void
}

/** What a model gave: a JSON value with null in place of each file. Files lie in the run's folder. */
export interface RunOutput {
  output: unknown
  files: RunnerFile[]
}

/** Every way a run can end. Never an exception. `partial` is what the model gave before it failed or stopped, if it says. */
export type RunOutcome =
  | ({ kind: 'done'; metrics?: Record<string, unknown>; runSeconds: number } & RunOutput)
  | {
      kind: 'failed'
      code: 'model_error' | 'invalid_input' | 'invalid_output'
      message: string
      traceback?: string
      details?: Record<string, unknown>
      partial?: RunOutput
      runSeconds: number
    }
  /** Stopped because the signal was aborted: by itself or by a kill. */
  | { kind: 'canceled'; killed: boolean; partial?: RunOutput; runSeconds: number }
  | { kind: 'timeout'; killed: boolean; partial?: RunOutput; runSeconds: number }
  /** The process ended without an answer. `shared`: it held other runs too, so nobody knows whose fault it was. */
  | {
      kind: 'crashed'
      exitCode: number | null
      signal: string | null
      shared: boolean
      partial?: RunOutput
      runSeconds: number
    }
  /** It said something that is not the protocol, or too much of it. */
  | { kind: 'protocol_error'; message: string; partial?: RunOutput; runSeconds: number }
  /** Its process was killed because another run in it did not stop when asked: to be run again, blaming nobody. */
  | { kind: 'displaced'; runSeconds: number }

/** One runner process that holds one loaded model. Replaces itself after a crash or kill. */
export interface Runner {
  /** Resolves with the manifest once the model is loaded; retries with growing delay (1 to 30 s) when setup fails. */
  start(): Promise<Manifest>
  /** True while it can take one more run. */
  readonly ready: boolean
  /** Resolves when it can take one more run; rejects when stopped. */
  whenReady(signal?: AbortSignal): Promise<void>
  /** Up to `concurrency` of its manifest at a time; more wait. */
  run(request: RunRequest): Promise<RunOutcome>
  /** Asks it to shut down, kills it after the grace, and resolves when the process is gone. */
  stop(graceMs: number): Promise<void>
}
