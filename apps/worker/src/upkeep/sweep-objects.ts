/**
 * Finds in the object store what nobody owns: bytes whose upload was never kept, outputs of older fences, files of submits
 * that were never kept. Looks at a few objects a step, in one walk after another; an object is only ever deleted when it
 * is older than anything that could still come to own it, and nobody does. Called by sweeper.ts.
 */
import {
  attemptOfKey,
  BLOBS,
  blobOfKey,
  checkpointPrefix,
  isTerminal,
  type JobId,
  JOBS,
  jobOfKey,
  type JobRecord,
} from '@millrace/contracts'
import type { FileSweepStore, UpkeepReader } from '@millrace/queue'
import { type ObjectEntry, type ObjectEraser, type ObjectLister, TRIALS } from '@millrace/storage'

export interface ObjectSweepDeps {
  objects: ObjectLister & ObjectEraser
  files: Pick<FileSweepStore, 'condemn' | 'now'>
  jobs: UpkeepReader
  /** When the store was given to this Redis: what was unknown then may be missed for as long as what comes after. */
  since: number
  /** Objects younger than this are left alone. Milliseconds. */
  graceMs: number
  /** Objects looked at in one step. */
  perStep: number
}

export interface ObjectSweep {
  /** Looks at the next objects, and answers how many it deleted; `ended` when they were the last. */
  step(): Promise<{ deleted: number; ended: boolean }>
  /** Whether nobody owns what lies, or is being written, under this key. A blob that nobody owns never will be kept then. */
  isOrphan(key: string): Promise<boolean>
}

/** One walk through the store. A step that rejects ends it. */
export function sweepObjects(deps: ObjectSweepDeps): ObjectSweep {
  const entries = walk(deps.objects)
  const record = lastRecord(deps.jobs)
  return {
    async step() {
      let deleted = 0
      // Not this machine's clock: with that wrong, what was just written would look old.
      const now = await deps.files.now()
      for (let looked = 0; looked < deps.perStep; looked++) {
        const next = await entries.next()
        if (next.done) return { deleted, ended: true }
        const { key, modifiedAt } = next.value
        if (now - Math.max(modifiedAt, deps.since) < deps.graceMs) continue
        if (!(await isOrphan(deps, key, record))) continue
        await deps.objects.delete(key)
        deleted++
      }
      return { deleted, ended: false }
    },
    isOrphan: (key) => isOrphan(deps, key, record),
  }
}

async function* walk(objects: ObjectSweepDeps['objects']): AsyncGenerator<ObjectEntry> {
  yield* objects.listEntries(BLOBS)
  yield* objects.listEntries(JOBS)
  yield* objects.listEntries(TRIALS)
}

type ReadRecord = (id: JobId) => Promise<JobRecord | undefined>

async function isOrphan({ files }: ObjectSweepDeps, key: string, record: ReadRecord): Promise<boolean> {
  const blob = blobOfKey(key)
  if (blob) return files.condemn(blob.tenant, blob.object)
  if (key.startsWith(TRIALS)) return true
  const owner = jobOfKey(key)
  // What we do not know we do not delete.
  if (!owner) return false
  const job = await record(owner.jobId)
  return job === undefined || !mayNeed(job, key)
}

/** By the record alone, so that a worker whose clock or memory is wrong decides nothing. */
function mayNeed(job: JobRecord, key: string): boolean {
  const { kind, fence } = attemptOfKey(key) ?? {}
  // Its input, which came with the submit, or its log.
  if (fence === undefined) return true
  if (kind === 'checkpoints' ? isOfCheckpoint(job, key) : keysOf(job).includes(key)) return true
  // Only the attempt that holds the job can still have named what it stored.
  return !isTerminal(job.status) && fence >= job.fence
}

const isOfCheckpoint = ({ checkpoint, tenant, id }: JobRecord, key: string): boolean =>
  checkpoint !== null && checkpoint.folder !== '' && key.startsWith(checkpointPrefix(tenant, id, checkpoint.folder))

function keysOf({ output, output_files }: JobRecord): string[] {
  const json = output && 'stored' in output ? [output.stored.key] : []
  return [...json, ...output_files.map((file) => file.key)]
}

/** The objects of a job come one after the other. */
function lastRecord(jobs: ObjectSweepDeps['jobs']): ReadRecord {
  let last: { id: JobId; record: JobRecord | undefined } | undefined
  return async (id) => {
    if (last?.id !== id) {
      const found = await jobs.get(id)
      last = { id, record: found.outcome === 'found' ? found.record : undefined }
    }
    return last.record
  }
}
