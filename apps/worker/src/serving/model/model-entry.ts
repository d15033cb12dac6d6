/** What a worker tells of one of its models; see WorkerEntry. Called by ModelWorker for every beat. */
import { cutText, type JobId, modelNameSchema, WORKER_ENTRY, type WorkerModelEntry } from '@millrace/contracts'
import type { SlotState } from '../../places/slot-member.ts'
import type { ModelService } from './model-service.ts'

export interface ModelParts {
  label: string
  /** What it will be called, as far as is known before it has loaded. */
  expectedName: string
  /** Absent until its first runner has loaded. */
  service: Pick<ModelService, 'manifest' | 'places' | 'held' | 'isDraining' | 'wasShown'> | undefined
  /** One per slot. */
  devices: readonly string[]
  /** Of the runners that have loaded once. */
  slots: readonly SlotState[]
  isLeaving: boolean
  /** It will never be served here. */
  isRefused: boolean
  /** Why a runner of it could not be loaded the last time. */
  fault: string | undefined
}

export function modelEntry({
  label,
  expectedName,
  service,
  devices,
  slots,
  isLeaving,
  isRefused,
  fault,
}: ModelParts): WorkerModelEntry {
  const held = service?.held ?? []
  const running = new Set(slots.flatMap(({ jobs }) => jobs))
  // Before clients can find it, it must not vanish from those that are being loaded.
  const isUp = (service?.wasShown ?? false) && slots.some(({ state }) => state !== 'loading')
  return {
    label: cutText(label, WORKER_ENTRY.textChars),
    name: service?.manifest.name ?? modelNameSchema.safeParse(expectedName).data ?? null,
    version: service?.manifest.version ?? null,
    state: stateOf({ isDraining: isLeaving || (service?.isDraining ?? false), isUp, fault }),
    reason: isUp || fault === undefined ? null : cutText(fault, WORKER_ENTRY.reasonChars),
    refused: isRefused,
    places: service?.places ?? 0,
    held: held.length,
    slots: [...slots.map(toSlot), ...stillLoading(devices, slots)],
    ahead: held.filter((job) => !running.has(job)).slice(0, WORKER_ENTRY.jobs),
  }
}

function stateOf(of: { isDraining: boolean; isUp: boolean; fault: string | undefined }): WorkerModelEntry['state'] {
  if (of.isDraining) return 'draining'
  if (of.isUp) return 'ready'
  return of.fault === undefined ? 'loading' : 'failed'
}

const toSlot = ({ slot, state, jobs }: SlotState): WorkerModelEntry['slots'][number] => ({ device: slot, state, jobs })

/** The slots whose runner has not loaded yet. */
function stillLoading(devices: readonly string[], loaded: readonly SlotState[]): WorkerModelEntry['slots'] {
  const left = [...devices]
  for (const { slot } of loaded) left.splice(left.indexOf(slot), 1)
  const none: JobId[] = []
  return left.map((device) => ({ device, state: 'loading', jobs: none }))
}
