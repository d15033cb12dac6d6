/** Checks a model's answer against the output schema that it published. Called once per schema, by model-worker.ts and local-model.ts. */
import type { RunnerFile } from '@millrace/contracts'
import { CheckThreads, createChecker } from '@millrace/schema'
import { asInvalid, besideOf, type OutputFault } from './output-fault.ts'

/**
 * The first fault of an answer (null in place of each file), or undefined when it fits. Rejects with InvalidOutputError when
 * the schema makes the check too costly.
 */
export type AnswerCheck = (output: unknown, files: readonly RunnerFile[]) => Promise<OutputFault | undefined>

export interface OutputCheck extends AnswerCheck {
  /** Rejects with InvalidOutputError when the schema itself can't be used. */
  prepare(): Promise<void>
}

/** Answers are larger than inputs and come from models of one's own, so they get more time and memory and may wait longer. */
const THREADS = { checkMs: 3000, heapMb: 1024, waitMs: 600_000, waitingPerTenant: 1024 ** 3, waiting: 2 * 1024 ** 3 }
let threads: CheckThreads | undefined

/**
 * Makes the check of one schema. Costly checks of the same `model` wait for each other, not for those of other models.
 */
export function compileOutputCheck(schema: Record<string, unknown>, model = ''): OutputCheck {
  threads ??= new CheckThreads(THREADS)
  const checker = createChecker(schema, { files: 'nulls', defaults: false, closed: false }, threads)
  const check = async (output: unknown, files: readonly RunnerFile[]) => {
    const { faults } = await asInvalid(
      'output',
      checker.check({ value: output, tenant: model, filesBeside: besideOf(files) }),
    )
    const [first] = faults
    return first && { pointer: first.pointer, message: first.message }
  }
  return Object.assign(check, { prepare: () => asInvalid('output', checker.prepare()) })
}
