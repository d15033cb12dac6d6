/** What a worker is made of. Handed to createWorker by whoever puts the process together. */
import type { Log, WorkerDevice } from '@millrace/contracts'
import type { NamedModel, WorkerModel } from '@millrace/host'
import type {
  ChangeFeed,
  FileStore,
  FileSweepStore,
  ModelPublisher,
  RelocationUpkeep,
  ShelfStore,
  UpkeepStore,
  WorkerPresence,
} from '@millrace/queue'
import type { ObjectEraser, ObjectLister, ObjectReader, ObjectWriter, UploadSweep } from '@millrace/storage'
import type { GuardedFetcher } from '@millrace/webhooks'
import type { AttemptDeps, AttemptPace } from '../attempt/attempt-deps.ts'
import type { ModelEvents } from '../author-events.ts'
import type { UpkeepDeps } from '../upkeep/create-upkeep.ts'
import type { CreateHandOut } from './model/model-service.ts'
import type { WorkerSelf } from './worker-beat.ts'

export interface WorkerDeps {
  /** Names this process in records and the registry; unique per start. */
  workerId: string
  /** Finds the models to serve. Called at start and by `refresh`. */
  discover(): Promise<WorkerModel[]>
  /** Models that were found and that a later `refresh` begins: they count as being loaded. Default: none. */
  later?: () => readonly NamedModel[]
  /** One per slot, as parseSlots gives them; every model gets a runner on each. */
  devices: readonly string[]
  upkeep: UpkeepStore
  registry: ModelPublisher
  /** Where the process tells of itself, and what it says that never changes. */
  workers: WorkerPresence
  self: WorkerSelf
  /** What is known of the devices, when asked. Default: nothing but their names. */
  lookAtDevices?: () => Promise<WorkerDevice[]>
  changes: Pick<ChangeFeed, 'onCancel'>
  shelf: ShelfStore
  relocations: RelocationUpkeep
  tenantUpkeep: UpkeepDeps['tenantUpkeep']
  erasures: UpkeepDeps['erasures']
  jobActions: UpkeepDeps['jobActions']
  batches: UpkeepDeps['batches']
  audit: UpkeepDeps['audit']
  createHandOut: CreateHandOut
  objects: ObjectReader & ObjectWriter & ObjectEraser & ObjectLister & UploadSweep
  files: FileSweepStore & Pick<FileStore, 'keep' | 'release'>
  /** See SweeperDeps. */
  ownedSince: UpkeepDeps['ownedSince']
  /** Fetches what inputs name by address; closed by whoever made it. */
  fetcher: GuardedFetcher
  /** See the setting. */
  maxImagePixels: number
  /** What all files of one job may take that its input names by address; see LinkDeps. */
  linkTotalMs?: number
  /** Folder on disk for what doesn't fit into memory. */
  dataDir: string
  /** Default /dev/shm. */
  memoryDir?: string
  logger: Log
  /** Hears how each attempt ended. */
  onAttempt?: AttemptDeps['onAttempt']
  /** See AttemptDeps. */
  live?: AttemptDeps['live']
  /** Hears how its models fare; a model that is given up is then not logged. */
  events?: ModelEvents
  pace?: Partial<AttemptPace>
  /** See TendingPace and ReconcilerDeps. Milliseconds. */
  tendMs?: number
  strandedMs?: number
  reconcileMs?: number
  /** See WorkerBeatDeps. */
  workerBeatMs?: number
}
