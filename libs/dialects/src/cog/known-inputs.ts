/** What of an input a model has a name for: Cog's servers leave the rest unread. Called by the API. */
import type { Manifest } from '@millrace/contracts'

type JsonSchema = Manifest['input_schema']

/** The same input where the schema takes more than it names. */
export function knownInputs(input: Record<string, unknown>, schema: JsonSchema | undefined): Record<string, unknown> {
  const names = schema?.properties
  if (schema?.additionalProperties !== false || typeof names !== 'object' || names === null) return input
  return Object.fromEntries(Object.entries(input).filter(([name]) => Object.hasOwn(names, name)))
}
