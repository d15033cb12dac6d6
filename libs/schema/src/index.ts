/**
 * What all parts know of JSON Schema: which keywords hold schemas, where references lead, and where an input has secrets.
 * Knows no model, job or file; a manifest's schema goes in, plain values come out.
 */
export { hideSecrets } from './hide-secrets.ts'
export { mapSchema } from './map-schema.ts'
export { resolveReference, SchemaIndex } from './schema-index.ts'
export { findSecrets, isSecretSchema, type SecretPlaces } from './find-secrets.ts'
export { numberTextKeyword } from './number-text-keyword.ts'
export { isSchema, type Schema, type Subschema, subschemasOf } from './subschemas.ts'
