/**
 * `defineModel`: what the author of a model writes. The types of `predict` follow from the schemas and from `setup`.
 */
import type { ModelTask } from '@millrace/contracts'
import type { z } from 'zod'
import { NotAModelError } from './model-errors.ts'
import type { ModelContext, SetupContext } from './model-context.ts'
import type { ModelFile } from './model-file.ts'

type Awaitable<T> = T | Promise<T>

/** How a model is trained. A job of the kind `training` runs this. */
export interface TrainingDefinition<Input extends z.ZodObject, Output extends z.ZodType, Loaded> {
  input: Input
  /** Schema of the result of a training, such as a file with new weights. */
  output: Output
  /** Runs one training. The rules of `predict` hold here too. */
  train(input: z.output<Input>, model: Loaded, ctx: ModelContext): Awaitable<z.input<Output>>
  /** Seconds that one attempt of a training may take. Default 86,400, at most 604,800. */
  timeoutSeconds?: number
}

/** How many runs a model answers in one call. */
export interface BatchOptions {
  /** The most runs in one call, at most 1,000. Fewer are given when fewer wait. */
  maxSize: number
  /**
   * How long a call waits for more runs when there are fewer. Default 0: it takes what is there when the model is free, and no run waits
   * without need. Milliseconds, at most 60,000.
   */
  maxWaitMs?: number
}

/** What `predict` is given: one, or a list where the model takes batches. */
// Of a model whose own types do not matter (`any`) nothing is said.
type Given<Batch, T> = 0 extends 1 & Batch ? any : [Batch] extends [undefined] ? T : readonly T[]
/** What it gives: one, or as many, each of which may be an error that fails its own run alone. */
type Answered<Batch, T> = 0 extends 1 & Batch ? any : [Batch] extends [undefined] ? T : readonly (T | Error)[]

/** An input as an example names it: a path for each file. */
type ExampleOf<T> = T extends ModelFile
  ? string
  : T extends readonly (infer Item)[]
    ? readonly ExampleOf<Item>[]
    : T extends object
      ? { [Key in keyof T]: ExampleOf<T[Key]> }
      : T

export interface ModelDefinition<
  Input extends z.ZodObject,
  Output extends z.ZodType,
  Loaded,
  TrainingInput extends z.ZodObject = z.ZodObject,
  TrainingOutput extends z.ZodType = z.ZodType,
  Batch extends BatchOptions | undefined = undefined,
> {
  /** Name of the model: lower-case letters, digits and dashes. It is part of the model's address. */
  name: string
  /** Version of the model, chosen by the author. At most 64 characters. */
  version: string
  /** One paragraph for those who call the model. */
  description?: string
  /**
   * What it does, where clients of other platforms have a call for it, such as `embeddings.create` of OpenAI. docs/dialects.md
   * says how such a call becomes an input. Default: nothing of that kind.
   */
  task?: ModelTask
  input: Input
  output: Output
  /**
   * Inputs to try the model with, for whoever calls it. A file is named by its path in the folder of the model. At most 10, and
   * 64 KB as JSON with all their files. One that does not fit is left out, and the log and `millrace check` say so.
   */
  examples?: readonly { name?: string; input: ExampleOf<z.input<Input>> }[]
  /** Loads everything, once per process, and may take minutes. Every `predict` gets what it returns. */
  setup?(ctx: SetupContext): Awaitable<Loaded>
  /**
   * Runs the model once. Runs overlap in one process only if `concurrency` allows it. An error that it throws fails the
   * job; a ModelError carries more than a message. With `batch` it gets a list of inputs and a list with a context for each, and gives as
   * many outputs; an error in place of one fails that job alone.
   */
  predict(
    input: Given<Batch, z.output<Input>>,
    model: Loaded,
    ctx: Given<Batch, ModelContext>,
  ): Awaitable<Answered<Batch, z.input<Output>>>
  /** Set if the model can be trained. */
  training?: TrainingDefinition<TrainingInput, TrainingOutput, Loaded>
  /** Frees what `setup` took, before the process is shut down. It is not called when the process is killed. */
  teardown?(model: Loaded): Awaitable<void>
  /** Seconds that one attempt may run. Default 600, at most 86,400. */
  timeoutSeconds?: number
  /** How many attempts are made when `predict` throws. Default 1, at most 20. */
  maxAttempts?: number
  /** Seconds from the request to stop a run until its process is killed. Default 10, at most 600. */
  cancelGraceSeconds?: number
  /**
   * Seconds that a finished job and its files are kept, unless the request says otherwise. Default: the time set for
   * the server.
   */
  retentionSeconds?: number
  /** Whether the model calls `ctx.emit`. Default false. */
  streams?: boolean
  /**
   * How many runs one process holds at once, for a `predict` that mostly awaits. Default 1, at most 1,000. While
   * several runs share the process, text that native code and child processes print belongs to none of them.
   */
  concurrency?: number
  /**
   * For a model that takes many inputs in little more time than one: `predict` gets those of several jobs at once. Text that it prints
   * in a call for several belongs to none of them; `ctx.log` of each does. Not together with `concurrency`.
   */
  batch?: Batch
}

/** A registered symbol, because a model may load its own copy of this package. */
const MARK = Symbol.for('millrace.model')

export interface Model<
  Input extends z.ZodObject = z.ZodObject,
  Output extends z.ZodType = z.ZodType,
  Loaded = unknown,
  TrainingInput extends z.ZodObject = z.ZodObject,
  TrainingOutput extends z.ZodType = z.ZodType,
  Batch extends BatchOptions | undefined = undefined,
> extends ModelDefinition<Input, Output, Loaded, TrainingInput, TrainingOutput, Batch> {
  readonly [MARK]: true
}

/** Any model, where its own types do not matter. */
// Only `any` takes the parameter types of every model.
export type AnyModel = Model<any, any, any, any, any, any>

/**
 * Wraps a model. Export it as the default of `model.ts`.
 * @example
 * export default defineModel({
 *   name: 'shout', version: '1.0.0',
 *   input: z.object({ text: z.string() }),
 *   output: z.object({ text: z.string() }),
 *   predict: ({ text }) => ({ text: text.toUpperCase() }),
 * })
 */
export function defineModel<
  Input extends z.ZodObject,
  Output extends z.ZodType,
  Loaded = undefined,
  TrainingInput extends z.ZodObject = z.ZodObject,
  TrainingOutput extends z.ZodType = z.ZodType,
  Batch extends BatchOptions | undefined = undefined,
>(
  definition: ModelDefinition<Input, Output, Loaded, TrainingInput, TrainingOutput, Batch>,
): Model<Input, Output, Loaded, TrainingInput, TrainingOutput, Batch> {
  return { ...definition, [MARK]: true }
}

/** The model of a loaded module. Throws NotAModelError when its default export is not a model. */
export function modelOfModule(module: { default?: unknown }): AnyModel {
  const candidate = module.default
  const isModel = typeof candidate === 'object' && candidate !== null && (candidate as Record<symbol, unknown>)[MARK]
  if (!isModel) throw new NotAModelError('its default export is not what defineModel() gives')
  return candidate as AnyModel
}
