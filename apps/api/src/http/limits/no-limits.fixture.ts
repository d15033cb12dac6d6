/** What a submit needs to know of its tenant's limits, in tests of other things: what the installation has holds for all. */
import type { Queue } from '@millrace/queue'
import { CONFIG } from '../../app.fixture.ts'
import { limitParts } from './limit-parts.ts'

export const noLimits = ({ tenants, usage }: Pick<Queue, 'tenants' | 'usage'>) =>
  limitParts({ tenants, usage, config: CONFIG })
