/** The query parameters of every list that comes in pages. Used by the routes of lists. */
import { z } from 'zod'

export const pageQuery = {
  // Digits only: Number() would also take `0x10` and `1e1`.
  limit: z
    .preprocess((text) => (/^-?\d{1,9}$/.test(String(text)) ? Number(text) : text), z.number().int().min(1).max(100))
    .default(20)
    .describe('Most that one page holds.'),
  cursor: z.string().min(1).max(512).optional().describe('`next_cursor` of the page before.'),
}
