/** All that keeps tenants to their limits in one process. Called by createApp, and by tests of what keeps to them. */
import type { ApiDeps } from '../api-deps.ts'
import { createFindLimits } from './find-limits.ts'
import { OpenJobs } from './open-jobs.ts'
import { StoredRoom } from './stored-room.ts'
import { SubmitRates } from './submit-rates.ts'

type LimitDeps = Pick<ApiDeps, 'tenantRing' | 'tenants' | 'config' | 'usage'>

export function limitParts(deps: LimitDeps) {
  const limits = createFindLimits(deps)
  return {
    limits,
    rates: new SubmitRates(deps.tenants),
    openJobs: new OpenJobs(deps.tenants),
    storedRoom: new StoredRoom(deps.usage, limits),
  }
}

export const withLimits = <Deps extends LimitDeps>(deps: Deps) => ({ ...deps, ...limitParts(deps) })
