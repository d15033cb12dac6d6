/** Asked before the body of a request is read that is to be kept as files. Called by the uploads of dialects. */
import { ProblemError } from '@millrace/contracts'
import type { ApiDeps } from '../http/api-deps.ts'
import { announcedBytes } from '../http/body/read-body.ts'
import type { StoredRoom } from '../http/limits/stored-room.ts'

interface AdmitDeps extends Pick<ApiDeps, 'memoryPressure'> {
  storedRoom: Pick<StoredRoom, 'admit'>
}

/** Throws ProblemError when there is no room: in Redis for what is to be kept of a file, or for the tenant in the store. */
export async function admitUpload(
  { memoryPressure, storedRoom }: AdmitDeps,
  request: Request,
  tenant: string,
): Promise<void> {
  if (memoryPressure()) throw new ProblemError('storage_pressure', { retryAfter: 5 })
  await storedRoom.admit(tenant, announcedBytes(request) ?? 0)
}
