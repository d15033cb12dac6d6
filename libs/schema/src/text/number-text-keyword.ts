/** `x-number-text` as a keyword for the validator, in its own shape for keywords. */
import { isSchema } from '../subschemas.ts'
import { NUMBER_TEXT_KEYWORD, type NumberText, numberTextFault } from './number-text.ts'

interface Validate {
  (rule: unknown, value: unknown): boolean
  errors?: { keyword: string; message: string; params: object }[]
}

const validate: Validate = (rule, value) => {
  // Whoever means something else by the name is not held to it.
  const isRule = isSchema(rule) && ['int', 'whole', 'float', 'decimal'].includes(String(rule.reads))
  const fault = isRule ? numberTextFault(rule as unknown as NumberText, value) : undefined
  if (fault) validate.errors = [{ keyword: fault.code, message: fault.message, params: {} }]
  return fault === undefined
}

export const numberTextKeyword = { keyword: NUMBER_TEXT_KEYWORD, validate, errors: true }
