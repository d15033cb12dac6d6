/** `defineModel`: what an author writes. The types of `predict` follow from the schemas and from `setup`. */
import type { z } from 'zod'
import { NotAModelError } from './model-errors.ts'
import type { ModelContext, SetupContext } from './model-context.ts'

type Awaitable<T> = T | Promise<T>

/** How a model is trained: a job of the kind `training` runs it. */
export interface TrainingDefinition<Input extends z.ZodObject, Output extends z.ZodType, Loaded> {
  input: Input
  /** What a training gives, such as a file with new weights. */
  output: Output
  /** One training, under the same terms as `predict`. */
  train(input: z.output<Input>, model: Loaded, ctx: ModelContext): Awaitable<z.input<Output>>
  /** Longest training of one attempt. Default 86,400, at most 604,800. */
  timeoutSeconds?: number
}

export interface ModelDefinition<
  Input extends z.ZodObject,
  Output extends z.ZodType,
  Loaded,
  TrainingInput extends z.ZodObject = z.ZodObject,
  TrainingOutput extends z.ZodType = z.ZodType,
> {
  /** Lower case letters, digits and dashes; part of the address. */
  name: string
  version: string
  /** One paragraph for whoever calls it. */
  description?: string
  input: Input
  output: Output
  /** Loads everything once per process; what it gives is handed to every `predict`. May take minutes. */
  setup?(ctx: SetupContext): Awaitable<Loaded>
  /**
   * One run. Runs overlap in one process only where `concurrency` says so. What it throws fails the job; a ModelError
   * tells programs more than a message.
   */
  predict(input: z.output<Input>, model: Loaded, ctx: ModelContext): Awaitable<z.input<Output>>
  /** Set where the model can be trained. */
  training?: TrainingDefinition<TrainingInput, TrainingOutput, Loaded>
  /** Lets go of what `setup` took, before the process is shut down. Not called when it is killed. */
  teardown?(model: Loaded): Awaitable<void>
  /** Longest run of one attempt. Default 600, at most 86,400. */
  timeoutSeconds?: number
  /** Attempts when `predict` throws. Default 1, at most 20. */
  maxAttempts?: number
  /** From asking a run to stop until its process is killed. Default 10, at most 600. */
  cancelGraceSeconds?: number
  /** Seconds that a finished job and its files are kept, unless the request says. Default: the server's own time. */
  retentionSeconds?: number
  /** Whether it calls `ctx.emit`. Default false. */
  streams?: boolean
  /**
   * How many runs one process takes at a time, for a `predict` that mostly awaits. Default 1, at most 1,000. What native
   * code and child processes print while several runs share the process belongs to none of them.
   */
  concurrency?: number
}

/** A registered symbol: a model may load its own copy of this package. */
const MARK = Symbol.for('millrace.model')

export interface Model<
  Input extends z.ZodObject = z.ZodObject,
  Output extends z.ZodType = z.ZodType,
  Loaded = unknown,
  TrainingInput extends z.ZodObject = z.ZodObject,
  TrainingOutput extends z.ZodType = z.ZodType,
> extends ModelDefinition<Input, Output, Loaded, TrainingInput, TrainingOutput> {
  readonly [MARK]: true
}

/** Any model, when its own types do not matter. */
// Only `any` takes the parameter types of every model.
export type AnyModel = Model<any, any, any, any, any>

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
>(
  definition: ModelDefinition<Input, Output, Loaded, TrainingInput, TrainingOutput>,
): Model<Input, Output, Loaded, TrainingInput, TrainingOutput> {
  return { ...definition, [MARK]: true }
}

/** The model of a loaded module; throws NotAModelError when its default export is none. */
export function modelOfModule(module: { default?: unknown }): AnyModel {
  const candidate = module.default
  const isModel = typeof candidate === 'object' && candidate !== null && (candidate as Record<symbol, unknown>)[MARK]
  if (!isModel) throw new NotAModelError('its default export is not what defineModel() gives')
  return candidate as AnyModel
}
