/**
 * The part of this package that a page in a browser uses: what a schema takes, in words or as controls of a form. It
 * brings no validator.
 */
export { choicesOf } from './choices.ts'
export { meantChoices } from './meant-choices.ts'
export { numberIn } from './read-text.ts'
export { resolveReference } from '../schema-index.ts'
export { isSchema, type Schema } from '../subschemas.ts'
