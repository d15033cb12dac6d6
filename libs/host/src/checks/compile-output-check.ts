/** Checks a model's answer against the output schema it published. One check per schema of a model; see compileOutputCheck. */
import type { RunnerFile } from '@millrace/contracts'
import { InvalidOutputError } from '@millrace/model'
import { type Checker, CheckThreads, CheckTooCostlyError, createChecker, UnusableSchemaError } from '@millrace/schema'

/** Where and how an answer differs from its schema. Never holds a value of the answer. */
export interface OutputFault {
  pointer: string
  message: string
}

/**
 * The first fault of an answer (null in place of each file), or undefined when it fits. Rejects with InvalidOutputError when
 * the schema makes the check too costly.
 */
export type AnswerCheck = (output: unknown, files: readonly RunnerFile[]) => Promise<OutputFault | undefined>

export interface OutputCheck extends AnswerCheck {
  /** Rejects with InvalidOutputError when the schema itself can't be used. */
  prepare(): Promise<void>
}

/** Answers are larger than inputs and come from one's own models: they get more time and memory, and wait longer. */
const THREADS = { checkMs: 3000, heapMb: 1024, waitMs: 600_000, waitingPerTenant: 1024 ** 3, waiting: 2 * 1024 ** 3 }
let threads: CheckThreads | undefined

/** @param model Its costly checks wait for each other, not for those of other models. */
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

export interface FilledInput {
  /** With defaults. */
  input: unknown
  fault: OutputFault | undefined
}

/** Fills what a schema has defaults for into an input (null in place of each file) and checks it. */
export type InputCheck = (input: unknown, files: readonly RunnerFile[]) => Promise<FilledInput>

/** For inputs that no API has seen. Its check rejects with InvalidOutputError, as that of an answer does. */
export function compileInputCheck(schema: Record<string, unknown>): InputCheck {
  const checker: Checker = createChecker(schema, { files: 'nulls', defaults: true, closed: false })
  return async (input, files) => {
    const { value, faults } = await asInvalid('input', checker.check({ value: input, filesBeside: besideOf(files) }))
    const [first] = faults
    return { input: value, fault: first && { pointer: first.pointer, message: first.message } }
  }
}

const besideOf = (files: readonly RunnerFile[]) =>
  files.map(({ pointer, content_type: contentType }) => ({ pointer, contentType }))

async function asInvalid<T>(side: 'input' | 'output', work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    if (error instanceof UnusableSchemaError)
      throw new InvalidOutputError(`the ${side} schema can't be used: ${error.message}`, { cause: error })
    if (error instanceof CheckTooCostlyError) throw new InvalidOutputError(error.message, { cause: error })
    throw error
  }
}
