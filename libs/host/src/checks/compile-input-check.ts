/** Fills defaults into an input that no API has seen, and checks it. Called by local-model.ts. */
import type { RunnerFile } from '@millrace/contracts'
import { type Checker, createChecker } from '@millrace/schema'
import { asInvalid, besideOf, type OutputFault } from './output-fault.ts'

export interface FilledInput {
  /** The input with its defaults. */
  input: unknown
  fault: OutputFault | undefined
}

/** Fills the defaults of the schema into an input (null in place of each file) and checks it. */
export type InputCheck = (input: unknown, files: readonly RunnerFile[]) => Promise<FilledInput>

/** For inputs that no API has checked. Its check rejects with InvalidOutputError, like the check of an answer. */
export function compileInputCheck(schema: Record<string, unknown>): InputCheck {
  const checker: Checker = createChecker(schema, { files: 'nulls', defaults: true, closed: false })
  return async (input, files) => {
    const { value, faults } = await asInvalid('input', checker.check({ value: input, filesBeside: besideOf(files) }))
    const [first] = faults
    return { input: value, fault: first && { pointer: first.pointer, message: first.message } }
  }
}
