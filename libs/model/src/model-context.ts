/** What `setup` and `predict` get besides the input. */
import type { Readable } from 'node:stream'
import type { CheckpointAnswer } from '@millrace/contracts'
import type { ModelFile } from './model-file.ts'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** Bytes, text, a stream, or a file that the model has already written inside `ctx.workDir`. */
export type FileSource = Uint8Array | string | Readable | { path: string }

/** What an earlier attempt at the same job had come to. */
export interface Resumed {
  /** What was given to `ctx.checkpoint`, as JSON gives it back. */
  readonly state: unknown
  /** Absolute paths of the files, by the names that they were given. They lie in the run's own folder. */
  readonly files: Readonly<Record<string, string>>
}

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
  /**
   * Keeps what the run has come to, so that the next attempt goes on from there when the worker is lost or stops, or when this one
   * fails and is retried. It takes the place of the checkpoint before. Call it often, and await it: at most one a second is kept,
   * and what is too much is answered at once. Resolves when it is kept whatever happens (`kept: true`), or with the reason why it is
   * not; that ends nothing. Rejects only when the run is to stop, which also happens once it is kept while the worker drains.
   * `state`: any JSON value, at most 64 MB. `files`: at most 64, by names of your own; each as for `ctx.file`.
   * @example
   * let { epoch } = (ctx.resumed?.state ?? { epoch: 0 }) as { epoch: number }
   * while (epoch < 10) { …; await ctx.checkpoint({ epoch: ++epoch }) }
   */
  readonly checkpoint: (state: unknown, files?: Readonly<Record<string, FileSource>>) => Promise<CheckpointAnswer>
  /** The checkpoint from which this attempt goes on. Undefined: it begins anew, as the first one does. */
  readonly resumed: Resumed | undefined
  /**
   * Aborted when the worker is about to stop. The run may go on for a while (MILLRACE_DRAIN_SECONDS); with its next checkpoint it
   * ends, and goes on elsewhere.
   */
  readonly draining: AbortSignal
}
