/** Second step of an attempt: the input and its files come into the attempt's own folder. Called by run-attempt.ts. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Transform } from 'node:stream'
import { safeFileName, type StoredValue } from '@millrace/contracts'
import { StorageError } from '@millrace/storage'
import { forEachLimited } from '@millrace/async'
import type { RunRequest } from '@millrace/host'
import type { Attempt } from '../attempt.ts'
import { AttemptEnded, failed } from '../attempt-outcome.ts'
import { checkpointFor, fetchResumed } from './fetch-resumed.ts'
import { copyChecked, copyToFile } from './copy-checked.ts'
import { resolveLinks } from './resolve-links.ts'

export type FetchedInputs = Pick<RunRequest, 'input' | 'files' | 'workDir' | 'resumed'>

/** Files fetched at once: enough to hide the store's latency, too few to crowd out the other jobs in flight. */
const AT_ONCE = 4

/**
 * Brings the input into the attempt's own folder, every byte checked against the hash in the record.
 * No slot is held meanwhile, so a slow store never keeps a device waiting.
 */
export async function fetchInputs(attempt: Attempt): Promise<FetchedInputs> {
  const { deps, stop } = attempt
  try {
    const { record } = attempt
    const kept = checkpointFor(record, deps.manifest.version)
    if (record.input_files.length === 0 && 'inline' in record.input && !kept) {
      const workDir = await attempt.folder.make(0)
      const input: unknown = JSON.parse(record.input.inline)
      attempt.clock.inputsWereHere()
      return { input, files: [], workDir }
    }
    const inputFiles = await resolveLinks(attempt)
    const expected = inputFiles.reduce((sum, file) => sum + file.size, kept?.stored_bytes ?? 0)
    const workDir = await attempt.folder.make(expected)
    if (inputFiles.length > 0) await mkdir(join(workDir, 'in'))
    const files: RunRequest['files'] = inputFiles.map((file, index) => ({
      pointer: file.pointer,
      path: join('in', `${index}-${safeFileName(file.name, 'file', 100)}`),
      name: file.name,
      content_type: file.content_type,
      size: file.size,
      sha256: file.sha256,
    }))
    const [input, resumed] = await Promise.all([
      readInput(attempt),
      fetchResumed(attempt, workDir),
      forEachLimited(files, AT_ONCE, async (file, index) => {
        const stored = inputFiles[index] as StoredValue
        const path = join(workDir, file.path)
        const download = () => copyToFile(deps.objects, stored, path, stop.running)
        await deps.inputCache.bring(stored, path, download, stop.running)
      }),
    ])
    attempt.clock.inputsCame()
    return { input, files, workDir, ...(resumed && { resumed }) }
  } catch (error) {
    if (error instanceof AttemptEnded) throw error
    stop.running.throwIfAborted()
    throw inputFault(error)
  }
}

async function readInput({ record, deps, stop }: Attempt): Promise<unknown> {
  if ('inline' in record.input) return JSON.parse(record.input.inline)
  const chunks: Buffer[] = []
  const collect = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      chunks.push(chunk)
      done()
    },
  })
  await copyChecked(deps.objects, record.input.stored, collect.resume(), stop.running)
  return JSON.parse(Buffer.concat(chunks).toString('utf8'))
}

function inputFault(error: unknown): AttemptEnded {
  if (!(error instanceof StorageError)) {
    const message = "The input could not be written to the worker's own work folder."
    return new AttemptEnded(failed({ blame: 'platform', code: 'internal', message }), { cause: error })
  }
  const gone = error.fault === 'missing'
  const message = gone
    ? 'The input is no longer in the object store.'
    : 'The input could not be read from the object store.'
  const details = { faults: [error.fault] }
  return new AttemptEnded(failed({ blame: gone ? 'final' : 'platform', code: 'input_unavailable', message, details }), {
    cause: error,
  })
}
