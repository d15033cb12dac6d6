/** The parts of a worker that look after what no single job can see to. Started and stopped by create-worker.ts. */
import type { Lifecycle } from '@millrace/async'
import type { Log } from '@millrace/contracts'
import type {
  AuditLog,
  BatchUpkeep,
  ErasureUpkeep,
  JobActionUpkeep,
  FileStore,
  FileSweepStore,
  RelocationUpkeep,
  ShelfStore,
  TenantUpkeep,
  UpkeepStore,
} from '@millrace/queue'
import type { FaultLog } from '../fault-log.ts'
import { CapKeeper } from './cap-keeper.ts'
import { Eraser } from './eraser.ts'
import { JobActor } from './job-actor.ts'
import { Reconciler } from './reconciler.ts'
import { Relocator } from './relocator.ts'
import { Shelver, type ShelverDeps } from './shelver.ts'
import { Sweeper, type SweeperDeps } from './sweeper.ts'

export interface UpkeepDeps {
  workerId: string
  upkeep: UpkeepStore
  shelf: ShelfStore
  relocations: RelocationUpkeep
  tenantUpkeep: TenantUpkeep
  erasures: ErasureUpkeep
  jobActions: JobActionUpkeep
  batches: BatchUpkeep
  audit: Pick<AuditLog, 'add'>
  objects: ShelverDeps['objects'] & SweeperDeps['objects']
  files: FileSweepStore & Pick<FileStore, 'release'>
  /** See SweeperDeps. */
  ownedSince: SweeperDeps['ownedSince']
  logger: Log
  /** See ReconcilerDeps. Milliseconds. */
  reconcileMs?: number
}

export function createUpkeep(deps: UpkeepDeps, logFault: FaultLog): Lifecycle[] {
  const { workerId, upkeep, shelf, objects, files, ownedSince, logger, reconcileMs, relocations, tenantUpkeep } = deps
  const { erasures, jobActions: actions, audit, batches } = deps
  const relocator = new Relocator({ relocations, jobs: upkeep, objects })
  const relocate = (model: string): Promise<boolean> => relocator.page(model)
  return [
    new Reconciler({ store: upkeep, relocate, files, objects, logger, logFault, everyMs: reconcileMs }),
    new Eraser({ erasures, jobs: upkeep, files, objects, audit, ownedSince, logger, logFault, everyMs: reconcileMs }),
    new JobActor({ actions, jobs: upkeep, files, objects, audit, logFault, everyMs: reconcileMs }),
    new Sweeper({ worker: workerId, files, jobs: upkeep, batches, objects, ownedSince, logger, logFault }),
    new CapKeeper(tenantUpkeep, logFault),
    new Shelver({ shelf, models: () => upkeep.models(), objects, logFault }),
  ]
}
