import type { ProblemError } from '@millrace/contracts'
import { invalidInput } from './validate-input.ts'

/** The refusal of a submit for one of its files. `code`: the rule it breaks. */
export const faultyFile = (pointer: string, message: string, code = 'file'): ProblemError =>
  invalidInput([{ path: `/input${pointer.slice(0, 200)}`, code, message }])
