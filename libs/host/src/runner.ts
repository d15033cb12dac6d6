/**
 * The port between jobs and models: what a worker asks of a runner, and every way in which a run can end. RunnerProcess
 * implements it. Code that runs a model (an attempt, a local run) knows this file and nothing below it.
 */
import type { CheckpointAnswer, JobKind, Manifest, RunnerFile } from '@millrace/contracts'

/** One run of the model, as it is given to a runner. */
export interface RunRequest {
  /** The id of the attempt. The runner repeats it in every answer. */
  id: string
  kind: JobKind
  /** A JSON value with null in place of each file. */
  input: unknown
  files: (RunnerFile & { size: number; sha256: string })[]
  /** Absolute path of the attempt's own folder. The caller makes it and deletes it. */
  workDir: string
  /** Aborting asks the model to stop. After the grace of the manifest the runner is killed. */
  signal: AbortSignal
  /** After this time the runner is asked to stop, and then killed. It counts from the start of the run. Seconds. */
  timeoutSeconds: number
  onProgress(fraction: number, message: string | undefined): void
  onLog(level: 'debug' | 'info' | 'warn' | 'error', message: string): void
  onOutput(chunk: unknown): void
  /** From where the model goes on. Default: it begins anew. Files and `statePath` lie in the run's folder. */
  resumed?: GivenCheckpoint
  /** The model wants this to be kept, and waits for the answer. Rejects never. Default: nothing is kept. */
  onCheckpoint?(given: GivenCheckpoint): Promise<CheckpointAnswer>
  /** Whether the run should hand over at its next checkpoint; the model is told once when it should. */
  leaving?: { readonly isOn: boolean; onChange(listener: () => void): () => void }
  /** Called when it is given to the model. A run that ends without that was no start of the model. */
  onBegin?(): void
}

/** What a model has come to: a JSON value, itself or as a file, and files by the names that the model gave them. Paths are relative to the run's folder. */
export interface GivenCheckpoint {
  state?: unknown
  statePath?: string
  files: { name: string; path: string }[]
}

/** A run that a runner holds behind the one that goes on. */
export interface HeldRun {
  /** As of `run`. One that was taken back has the outcome `displaced`, or `canceled` when its signal was aborted. */
  outcome: Promise<RunOutcome>
  /** Takes it back. False: the runner has taken it, and begins it. */
  recall(): boolean
}

/** The output of a model: a JSON value with null in place of each file. The files lie in the run's folder. */
export interface RunOutput {
  output: unknown
  files: RunnerFile[]
}

/**
 * Every way in which a run can end. A run never ends in an exception. `partial` is what the model gave before it failed or
 * stopped, if it says so.
 */
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
  /** Stopped because the signal was aborted. `killed`: it did not stop by itself. */
  | { kind: 'canceled'; killed: boolean; partial?: RunOutput; runSeconds: number }
  | { kind: 'timeout'; killed: boolean; partial?: RunOutput; runSeconds: number }
  /** The process ended without an answer. `shared`: it held other runs too, so nobody knows which run was at fault. */
  | {
      kind: 'crashed'
      exitCode: number | null
      signal: string | null
      shared: boolean
      partial?: RunOutput
      runSeconds: number
    }
  /** The runner sent something that is not the protocol, or too much of it. */
  | { kind: 'protocol_error'; message: string; partial?: RunOutput; runSeconds: number }
  /**
   * Its process was killed because another run in it did not stop when asked, or it was held and taken back. It must run again, and
   * nobody is blamed.
   */
  | { kind: 'displaced'; runSeconds: number }

/** One runner process that holds one loaded model. After a crash or a kill it is replaced by a new process. */
export interface Runner {
  /** Resolves with the manifest once the model is loaded. When setup fails it tries again, with a growing delay (1 to 30 s). */
  start(): Promise<Manifest>
  /** True while it can take another run. */
  readonly ready: boolean
  /** Why its model could not be loaded the last time; undefined once it is loaded. */
  readonly loadFault?: string | undefined
  /** Resolves when it can take another run. Rejects when it is stopped. */
  whenReady(signal?: AbortSignal): Promise<void>
  /** At most `concurrency` runs of the manifest go on at a time; more wait. Where the model takes several in one call, it is alone in its own. */
  run(request: RunRequest): Promise<RunOutcome>
  /** True while `hold` would hold a run: one goes on, and none is held behind it. One that batches holds runs at any time, up to `mostHeld`. */
  readonly canHold: boolean
  /** How many runs may wait in it. Absent: one. */
  readonly mostHeld?: number
  /**
   * Sends a run ahead: the runner begins it when those that go on are done, without waiting for this process. Its time-out
   * counts from then. If it can't be held, or the one before it does not end well, it is taken back: see HeldRun.
   */
  hold(request: RunRequest): HeldRun
  /** Has its process replaced, whatever it runs, unless it has run nothing yet. Resolves when the old one is gone. Absent: that can't be done. */
  renew?(): Promise<void>
  /** Asks it to shut down, kills it after the grace, and resolves when the process is gone. */
  stop(graceMs: number): Promise<void>
}
