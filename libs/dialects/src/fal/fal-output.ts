/** Outputs and their files as fal's clients read them. Called by the routes of fal and for its webhooks. */
import type { ShownFile } from '../values/show-value.ts'

export const falFile = ({ url, content_type, name, size }: ShownFile): Record<string, unknown> => ({
  ...{ url, content_type, file_name: name, file_size: size },
})

/** Clients read fields: a value that has none is given one. */
export const falOutput = (output: unknown): unknown =>
  typeof output === 'object' && output !== null && !Array.isArray(output) ? output : { output }
