/** What `POST /infer` and `POST /predict` of an inference service take and give. Called by its routes. */
import type { Manifest } from '@millrace/contracts'

/** Undefined: the body is not what they take. Then the answer is 400 and INVALID_FORMAT. */
export function inferenceInput(
  body: unknown,
  { input_schema }: Pick<Manifest, 'input_schema'>,
): Record<string, unknown> | undefined {
  if (!isObject(body) || !Object.hasOwn(body, 'data')) return undefined
  if (takesData(input_schema)) return { data: body.data }
  // A model of another convention takes what is in it.
  return isObject(body.data) ? body.data : undefined
}

export const INVALID_FORMAT = { error: 'Invalid input format' }

/** The bare result: of `{prediction: …}` what is in it. */
export const resultOf = (output: unknown): unknown =>
  isObject(output) && Object.keys(output).length === 1 && Object.hasOwn(output, 'prediction')
    ? output.prediction
    : output

const takesData = ({ properties }: Manifest['input_schema']): boolean =>
  isObject(properties) && Object.hasOwn(properties, 'data')

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
