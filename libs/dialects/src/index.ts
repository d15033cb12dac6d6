/**
 * The shapes of other platforms, made of a job and nothing else: what the API answers in a dialect, and what the worker sends as a
 * webhook in one. Each dialect has a folder.
 */
export { canonicalVersion, type NamedVersion, splitVersion } from './replicate/version-name.ts'
export { toPrediction, type PredictionLinks, type PredictionParts } from './replicate/to-prediction.ts'
