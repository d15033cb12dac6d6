/** When a job will probably start. Shown where it waits, and where it is refused because that is too late. */
import { z } from 'zod'

export const etaSchema = z
  .object({
    p50: z.number().min(0).describe('As likely before as after that.'),
    p90: z.number().min(0).describe('Nine times of ten before that.'),
  })
  .describe(
    'In how many seconds its model will probably begin, as things are now; jobs that come later and go first are not foreseen. Rounded.',
  )
  .meta({ id: 'Eta' })
export type Eta = z.infer<typeof etaSchema>
