/** The cursors of lists: each names the last model of its page, so that models may come and go in between. */
import { modelNameSchema, ProblemError } from '@millrace/contracts'

export const cursorAt = (model: string): string => Buffer.from(model).toString('base64url')

/** The model that a page begins after; undefined: it is the first page. Throws ProblemError `invalid_request`. */
export function afterCursor(cursor: string | undefined): string | undefined {
  if (cursor === undefined) return undefined
  const name = modelNameSchema.safeParse(Buffer.from(cursor.slice(0, 100), 'base64url').toString())
  if (name.success) return name.data
  const fault = { path: '/cursor', code: 'format', message: 'expected `nextCursor` of an earlier page' }
  throw new ProblemError('invalid_request', { errors: [fault] })
}
