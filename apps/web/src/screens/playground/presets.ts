/** The inputs that the author of a model offers to try it with. */
import type { ModelView } from '@millrace/client'
import type { JobKind } from '@millrace/contracts'

interface Preset {
  name: string | undefined
  input: unknown
}

export function presetsOf(model: ModelView, kind: JobKind): Preset[] {
  const examples: unknown = kind === 'prediction' ? (model as { examples?: unknown }).examples : undefined
  if (!Array.isArray(examples)) return []
  return examples.flatMap((example: { name?: string; input?: unknown }) =>
    typeof example.input === 'object' ? [{ name: example.name, input: example.input }] : [],
  )
}
