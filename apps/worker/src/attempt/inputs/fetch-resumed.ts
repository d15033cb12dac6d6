/** The checkpoint from which an attempt goes on, in its own folder. Called by fetch-inputs.ts. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { forEachLimited } from '@millrace/async'
import { type Checkpoint, type JobRecord, safeFileName, type StoredValue } from '@millrace/contracts'
import type { GivenCheckpoint } from '@millrace/host'
import { StorageError } from '@millrace/storage'
import type { Attempt } from '../attempt.ts'
import { copyToFile } from './copy-checked.ts'

const AT_ONCE = 4
const FOLDER = 'resumed'

/** What the version of the model that is here may go on from; the script that gave the job has judged likewise. */
export const checkpointFor = ({ checkpoint }: JobRecord, version: string): Checkpoint | undefined =>
  checkpoint?.version === version ? checkpoint : undefined

/**
 * Brings it into the folder of the attempt. Undefined when there is none, or none that is whole: then the model begins anew, which
 * costs time and no job. Rejects when the store is away.
 */
export async function fetchResumed(
  { record, deps, stop, events }: Attempt,
  workDir: string,
): Promise<GivenCheckpoint | undefined> {
  const kept = checkpointFor(record, deps.manifest.version)
  if (!kept) return undefined
  const files = kept.files.map(({ name }, index) => ({
    name,
    path: join(FOLDER, `${index}-${safeFileName(name, 'file', 100)}`),
  }))
  const fetch = (stored: StoredValue, path: string) =>
    copyToFile(deps.objects, stored, join(workDir, path), stop.running)
  try {
    if (kept.folder !== '') await mkdir(join(workDir, FOLDER))
    await forEachLimited(files, AT_ONCE, ({ path }, index) => fetch(kept.files[index] as StoredValue, path))
    if ('inline' in kept.state) return { state: JSON.parse(kept.state.inline) as unknown, files }
    const statePath = join(FOLDER, 'state.json')
    await fetch(kept.state.stored, statePath)
    return { statePath, files }
  } catch (error) {
    if (!(error instanceof StorageError) || error.fault === 'unavailable') throw error
    events.log('warn', 'the checkpoint of an earlier attempt could not be read: the model begins anew')
    return undefined
  }
}
