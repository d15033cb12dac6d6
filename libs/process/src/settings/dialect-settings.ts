/** The settings of dialects, for clients of other platforms. A part of configSchema. */
import { z } from 'zod'
import { setting } from './setting-kinds.ts'

export const dialectSettings = {
  replicateOwner: setting(
    'MILLRACE_REPLICATE_OWNER',
    'millrace',
    'Whom models belong to, as clients of Replicate see them. Any owner that they name leads to the model.',
    z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, 'expected letters, digits, dots and dashes'),
  ),
}
