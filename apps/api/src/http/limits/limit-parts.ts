/** What routes ask of the limits of tenants. Called by createApp. */
import type { ApiDeps } from '../api-deps.ts'
import { createFindLimits } from './find-limits.ts'
import { StoredRoom } from './stored-room.ts'

export function limitParts(deps: Pick<ApiDeps, 'tenantRing' | 'config' | 'usage'>) {
  const limits = createFindLimits(deps)
  return { limits, storedRoom: new StoredRoom(deps.usage, limits) }
}
