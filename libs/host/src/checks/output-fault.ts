/** Shared by the checks of inputs and of answers: the shape of a fault, and the error for a check that can't be made. */
import type { RunnerFile } from '@millrace/contracts'
import { InvalidOutputError } from '@millrace/model'
import { CheckTooCostlyError, UnusableSchemaError } from '@millrace/schema'

/** Where and how a value differs from its schema. It never contains a part of the value. */
export interface OutputFault {
  pointer: string
  message: string
}

/** The files of a value in the form that the checker wants: beside the value, with null in their places. */
export const besideOf = (files: readonly RunnerFile[]) =>
  files.map(({ pointer, content_type: contentType }) => ({ pointer, contentType }))

/** Rejects with InvalidOutputError when the schema can't be used, or makes the check too costly. */
export async function asInvalid<T>(side: 'input' | 'output', work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    if (error instanceof UnusableSchemaError)
      throw new InvalidOutputError(`the ${side} schema can't be used: ${error.message}`, { cause: error })
    if (error instanceof CheckTooCostlyError) throw new InvalidOutputError(error.message, { cause: error })
    throw error
  }
}
