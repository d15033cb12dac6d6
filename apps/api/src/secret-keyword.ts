/**
 * The schema keyword that marks the place of a secret: `format: password`, as OpenAPI and Cog write it. Like that of a file
 * it is the validator that finds the places; job-view.ts shows asterisks there.
 */
import type { FuncKeywordDefinition, SchemaValidateFunction } from 'ajv'
import type { FileContext } from './file-keyword.ts'

export const SECRET_KEYWORD = 'x-millrace-secret'

/** What is shown in place of a secret, whatever its length. */
export const MASK = '**********'

export const isSecretSchema = (schema: object): boolean =>
  ('format' in schema && schema.format === 'password') || ('x-cog-secret' in schema && schema['x-cog-secret'] === true)

const note: SchemaValidateFunction = function (this: FileContext, _schema: unknown, data: unknown, _parent, at) {
  if (at && data !== null) this.secrets.add(at.instancePath)
  return true
}

export const secretKeyword: FuncKeywordDefinition = { keyword: SECRET_KEYWORD, validate: note, errors: false }
