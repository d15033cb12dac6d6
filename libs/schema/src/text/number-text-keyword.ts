/** The keyword `x-number-text` in the form that the validator takes. Registered by build-validator.ts. */
import { isSchema } from '../subschemas.ts'
import { NUMBER_TEXT_KEYWORD, type NumberText, numberTextFault } from './number-text.ts'

interface Validate {
  (rule: unknown, value: unknown): boolean
  errors?: { keyword: string; message: string; params: object }[]
}

const validate: Validate = (rule, value) => {
  // A value of another form means that somebody else uses the name, so it is ignored.
  const isRule = isSchema(rule) && ['int', 'whole', 'float', 'decimal'].includes(String(rule.reads))
  const fault = isRule ? numberTextFault(rule as unknown as NumberText, value) : undefined
  if (fault) validate.errors = [{ keyword: fault.code, message: fault.message, params: {} }]
  return fault === undefined
}

export const numberTextKeyword = { keyword: NUMBER_TEXT_KEYWORD, validate, errors: true }
