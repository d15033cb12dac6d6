/**
 * All that Millrace knows of JSON Schema: which keywords hold schemas, where references lead, how values are checked, and
 * where an input has secrets. It knows no model, job or file: schemas go in, plain values come out. The API, the worker and
 * the command line use it.
 */
export { choicesOf, schemasAt } from './text/choices.ts'
export { meantChoices } from './text/meant-choices.ts'
export { hideSecrets } from './secrets/hide-secrets.ts'
export { mapSchema } from './map-schema.ts'
export { strictSchema } from './strict-schema.ts'
export { withoutAnnotations } from './without-annotations.ts'
export { itemOf, listsIn, numberIn, type ReadJson, readText, readTexts, takesFile } from './text/read-text.ts'
export { resolveReference, SchemaIndex } from './schema-index.ts'
export { findSecrets, isSecretSchema, type SecretPlaces } from './secrets/find-secrets.ts'
export { numberTextKeyword } from './text/number-text-keyword.ts'
export { isSchema, type Schema, type Subschema, subschemasOf } from './subschemas.ts'
export { linearRegExp, type TextTest } from './patterns/linear-regexp.ts'
export type { CheckRules } from './checks/validator/build-validator.ts'
export { CheckTooCostlyError, ChecksBusyError, UnusableSchemaError } from './checks/validator/check-errors.ts'
export type { FileTypeOf } from './checks/validator/check-run.ts'
export { CHECK_THREADS, type CheckThreadsOptions, CheckThreads } from './checks/threads/check-threads.ts'
export { type Checker, type CheckRequest, createChecker } from './checks/create-checker.ts'
export { type CostNote, costNotes } from './checks/cost/cost-notes.ts'
export type { SchemaFault, Verdict } from './checks/validator/schema-runner.ts'
export type { FileBeside } from './checks/validator/stand-ins.ts'
