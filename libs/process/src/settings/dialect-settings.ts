/** The settings of dialects, for clients of other platforms. A part of configSchema. */
import { z } from 'zod'
import { setting, wholeNumber } from './setting-kinds.ts'

export const dialectSettings = {
  replicateOwner: setting(
    'MILLRACE_REPLICATE_OWNER',
    'millrace',
    'Whom models belong to, as clients of Replicate see them. Any owner that they name leads to the model.',
    z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, 'expected letters, digits, dots and dashes'),
  ),
  toolSeconds: setting(
    'MILLRACE_TOOL_SECONDS',
    '45',
    'How long a tool of MCP waits for its job before it answers with the id of the job. Less than clients, and proxies in front of the API, wait.',
    wholeNumber(1, 50),
  ),
}
