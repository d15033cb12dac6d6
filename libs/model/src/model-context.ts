/** What `setup` and `predict` get besides the input. */
import type { Readable } from 'node:stream'
import type { ModelFile } from './model-file.ts'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** Bytes, text, a stream, or a file that the model has already written inside `ctx.workDir`. */
export type FileSource = Uint8Array | string | Readable | { path: string }

export interface SetupContext {
  /** The device as this process sees it: `cpu` or, for example, `cuda:0`. */
  readonly device: string
  readonly log: (level: LogLevel, message: string) => void
}

export interface ModelContext extends SetupContext {
  /**
   * Aborted when the job is canceled or its time is over. Check it between steps. An error that is thrown afterwards
   * ends the run as stopped.
   */
  readonly signal: AbortSignal
  /** The run's own folder, as an absolute path. It contains only the input's files, and is deleted after the run. */
  readonly workDir: string
  /**
   * Tells the share of the work that is done, from 0 to 1 (other values are clamped), with an optional message of at
   * most 256 characters.
   */
  readonly progress: (fraction: number, message?: string) => void
  /**
   * Sends one piece of the output before all of it is done: any JSON value up to 512 KB. If the run fails or is
   * stopped, the job keeps the pieces so far, as a list, as its partial output.
   */
  readonly emit: (chunk: unknown) => void
  /**
   * Notes a value that the model measured. A later value of the same name replaces it. At most 4 KB of JSON in all. A
   * value that is not JSON, such as NaN, is left out, and the log says so.
   */
  readonly metric: (name: string, value: unknown) => void
  /**
   * Makes a file for the output. Strings are written as UTF-8. A `path` must lie inside `workDir`. Rejects with
   * InvalidOutputError when the path may not be used, with TypeError when an argument cannot be meant, and with the abort
   * reason when the run was stopped.
   */
  readonly file: (name: string, contentType: string, source: FileSource) => Promise<ModelFile>
}
