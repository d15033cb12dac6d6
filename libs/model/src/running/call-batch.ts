/**
 * One call of a model that takes several runs at once: `predict` gets a list of inputs and a context for each, and gives as many outputs.
 * An output that is an error fails the run in its place alone. Called by execute-run.ts and, for several runs, by the runner.
 */
import type { AnyModel } from '../define-model.ts'
import { InvalidOutputError } from '../model-errors.ts'
import type { ModelContext } from '../model-context.ts'

/** One run of a call: its input, after its schema, and its context. */
export interface BatchItem {
  input: unknown
  ctx: ModelContext
}

/** What `predict` gave for each item, in their order. Rejects with InvalidOutputError when these are not as many, and with what the model threw. */
export async function callBatch(model: AnyModel, loaded: unknown, items: readonly BatchItem[]): Promise<unknown[]> {
  const [inputs, contexts] = [items.map(({ input }) => input), items.map(({ ctx }) => ctx)]
  const outputs: unknown = await model.predict(inputs, loaded, contexts)
  if (!Array.isArray(outputs)) throw new InvalidOutputError(`predict was given a list of inputs and gave no list`)
  if (outputs.length === items.length) return outputs
  throw new InvalidOutputError(`predict was given ${items.length} inputs and gave ${outputs.length} outputs`)
}
