/** How many bytes of the object store go to what: by the names of the objects, which tell tenant, job and kind. Called by `millrace disk`. */
import { BLOBS, blobOfKey, jobOfKey, JOBS, tagOfJobId } from '@millrace/contracts'
import { tagOfModel } from '@millrace/queue'
import type { ObjectLister } from '@millrace/storage'

/** What is kept in the folder of a job, by the name of its part there. */
const KINDS: Readonly<Record<string, string>> = {
  in: 'inputs',
  out: 'outputs',
  log: 'logs',
  checkpoints: 'checkpoints',
}

export interface DiskRow {
  tenant: string
  /** Null: of files, which several models may use. */
  model: string | null
  /** `files` are uploads and the files of inputs. */
  kind: string
  objects: number
  bytes: number
}

/** The largest first. `truncated`: there are more objects than were looked at. */
export async function measureObjects(store: ObjectLister, models: readonly string[], most: number) {
  const byTag = new Map(models.map((model) => [tagOfModel(model), model]))
  const rows = new Map<string, DiskRow>()
  let looked = 0
  for (const prefix of [BLOBS, JOBS]) {
    for await (const { key, size } of store.listEntries(prefix)) {
      if (looked++ === most) return { rows: sorted(rows), truncated: true }
      const told = whoseIs(key, byTag)
      const id = JSON.stringify(told)
      const row = rows.get(id) ?? { ...told, objects: 0, bytes: 0 }
      rows.set(id, { ...row, objects: row.objects + 1, bytes: row.bytes + size })
    }
  }
  return { rows: sorted(rows), truncated: false }
}

function whoseIs(key: string, byTag: ReadonlyMap<string, string>): Pick<DiskRow, 'tenant' | 'model' | 'kind'> {
  const job = jobOfKey(key)
  if (!job) return { tenant: blobOfKey(key)?.tenant ?? '', model: null, kind: 'files' }
  const kind = KINDS[key.split('/')[3] ?? ''] ?? 'other'
  return { tenant: job.tenant, model: byTag.get(tagOfJobId(job.jobId)) ?? null, kind }
}

const sorted = (rows: ReadonlyMap<string, DiskRow>): DiskRow[] =>
  [...rows.values()].toSorted((one, other) => other.bytes - one.bytes)
