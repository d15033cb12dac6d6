/** What the attempts of all models of a worker have in common. Called by create-worker.ts, once. */
import { ATTEMPT_PACE, type CancelHints } from '../attempt/attempt-deps.ts'
import { InputCache } from '../attempt/inputs/input-cache.ts'
import type { WorkFolders } from '../attempt/work-folders.ts'
import type { FaultLog } from '../fault-log.ts'
import { Gate } from '../places/gate.ts'
import { createLinkPlaces } from '../places/link-places.ts'
import type { SharedAttemptDeps } from './model/model-worker.ts'
import type { WorkerDeps } from './worker-deps.ts'

/** How each attempt is stopped, its model says. */
export type SharedAttempts = Omit<SharedAttemptDeps, 'shutdown'>

export function shareAttempts(
  deps: WorkerDeps,
  parts: { work: WorkFolders; cancels: CancelHints; logFault: FaultLog },
): SharedAttempts {
  const { workerId, objects, fetcher, files, maxImagePixels, linkTotalMs, logger, onAttempt, live, pace } = deps
  return {
    workerId,
    records: deps.upkeep,
    objects,
    inputCache: new InputCache(),
    links: { fetcher, files, maxImagePixels, places: createLinkPlaces(), totalMs: linkTotalMs },
    gate: new Gate(),
    logger,
    onAttempt,
    live,
    pace: { ...ATTEMPT_PACE, ...pace },
    ...parts,
  }
}
