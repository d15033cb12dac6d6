/** What every list that comes in pages takes. */
import { z } from 'zod'

export const pageQuery = {
  // Digits alone: as a number, `0x10` and `1e1` would be one too.
  limit: z
    .preprocess((text) => (/^-?\d{1,9}$/.test(String(text)) ? Number(text) : text), z.number().int().min(1).max(100))
    .default(20)
    .describe('Most that one page holds.'),
  cursor: z.string().min(1).max(512).optional().describe('`next_cursor` of the page before.'),
}
