/** Pages of a list as OpenAI's clients ask for them: by `limit` and the id of the last one that they have seen. Called by its routes. */
import type { ApiContext } from '../../http/api-deps.ts'

/** Cut to `most`: clients go on while there is more. */
export function limitOf(c: ApiContext, usual: number, most: number): number {
  const text = c.req.query('limit') ?? ''
  return /^\d{1,6}$/.test(text) ? Math.min(Math.max(1, Number(text)), most) : usual
}

export const listPage = <One extends { id: string }>(data: readonly One[], has_more: boolean) => ({
  ...{ object: 'list', data, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null, has_more },
})
