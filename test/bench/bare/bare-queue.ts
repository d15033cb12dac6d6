/** What the bare API and the bare worker agree on. */
import { z } from 'zod'

export const BARE_QUEUE = 'noop'
export const bareRequestSchema = z.object({ input: z.object({ text: z.string() }) })
