/** The inputs that the author of a model offers to try it with. */
import type { ModelView } from '@millrace/client'
import type { Example, JobKind } from '@millrace/contracts'

export const presetsOf = ({ examples = [] }: ModelView, kind: JobKind): readonly Example[] =>
  kind === 'prediction' ? examples : []
