/** Refusals of an input that a client sent. Thrown wherever something in an input turns out to be wrong. */
import { type Fault, LIMITS, ProblemError } from '@millrace/contracts'

/** The refusal for these faults: at most 20 are told, the rest counted. */
export function invalidInput(faults: Fault[], total = faults.length): ProblemError {
  return new ProblemError('invalid_input', {
    errors: faults.slice(0, LIMITS.faultsShown),
    errorsTotal: total > LIMITS.faultsShown ? total : undefined,
  })
}

/** A fault at a place of the input that its schema does not know of. `code`: the rule that is broken. */
export const inputFault = (pointer: string, message: string, code = 'file'): Fault => ({
  path: `/input${pointer.slice(0, 200)}`,
  code,
  message,
})

/** The refusal for one of the files of an input. */
export const faultyFile = (pointer: string, message: string, code = 'file'): ProblemError =>
  invalidInput([inputFault(pointer, message, code)])
