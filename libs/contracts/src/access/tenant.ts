/** The id of a tenant, which an operator chooses. It is part of object keys and of keys in Redis. */
import { z } from 'zod'

/** The tenant of MILLRACE_API_KEY, and of a server without a key. */
export const DEFAULT_TENANT = 'default'

export const tenantIdSchema = z
  .string()
  .regex(
    /^[a-z0-9]([a-z0-9_-]{0,62}[a-z0-9])?$/,
    'expected 1 to 64 lower-case letters, digits, - and _, with a letter or digit at both ends',
  )
  .describe('Who owns jobs and files: 1 to 64 lower-case letters, digits, `-` and `_`.')
