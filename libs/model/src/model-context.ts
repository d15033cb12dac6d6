/** What a model is given beside its input. */
import type { Readable } from 'node:stream'
import type { ModelFile } from './model-file.ts'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** Bytes, a stream of them, or a file that the model already wrote inside `ctx.workDir`. */
export type FileSource = Uint8Array | string | Readable | { path: string }

export interface SetupContext {
  /** The device as this process sees it: `cpu` or `cuda:0`. */
  readonly device: string
  readonly log: (level: LogLevel, message: string) => void
}

export interface ModelContext extends SetupContext {
  /** Aborted when the job is canceled or out of time. Look at it between steps; what is thrown after it ends the run. */
  readonly signal: AbortSignal
  /** The run's own folder: absolute, empty but for the input's files, deleted afterwards. */
  readonly workDir: string
  /** Share of the work that is done, 0 to 1 (clamped), and the model's own words for it (at most 256 characters). */
  readonly progress: (fraction: number, message?: string) => void
  /**
   * Sends one piece of the output before the whole is done: any JSON value up to 512 KB. If the run fails or is stopped,
   * the pieces so far are kept, as a list, as the job's partial output.
   */
  readonly emit: (chunk: unknown) => void
  /**
   * Notes something that the model measured; the newest of a name counts. At most 4 KB of JSON in all. What is no JSON,
   * such as NaN, is left out, and the log says so.
   */
  readonly metric: (name: string, value: unknown) => void
  /**
   * Makes a file for the output. Strings are written as UTF-8. A `path` must lie inside `workDir`.
   * Rejects with InvalidOutputError when the path may not be used, and with the abort reason once the run is stopped.
   */
  readonly file: (name: string, contentType: string, source: FileSource) => Promise<ModelFile>
}
