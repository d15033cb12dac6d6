/** The files that an input names by address: fetched before a slot is asked for. Called by fetch-inputs.ts. */
import {
  acceptsMediaType,
  type InputFile,
  isStored,
  type LinkedFile,
  mediaTypeOf,
  safeFileName,
  type StoredFile,
} from '@millrace/contracts'
import { type FileStore, isUnavailable, newObjectName } from '@millrace/queue'
import { storeBlob } from '@millrace/storage'
import { GuardedFetchError } from '@millrace/webhooks'
import { forEachLimited, insist, startDeadline } from '@millrace/async'
import type { Attempt } from '../attempt.ts'
import { AttemptEnded } from '../attempt-outcome.ts'
import { linkFault, refused } from './link-fault.ts'

const AT_ONCE = 4
const TOTAL_MS = 1_200_000
/** When a job comes back that made way for one that must be alone. Milliseconds. */
const MADE_WAY_MS = 1000

/**
 * The files of the input, all of them stored. What the input names by address is fetched by the first attempt and written
 * into the record, so that every later attempt sees the same bytes, whatever is served there then. No slot is held
 * meanwhile, nor the place of another job, nor does anybody who must be alone wait for it. Throws AttemptEnded: `final`
 * for what will not get better, `released` for want of a place.
 */
export async function resolveLinks(attempt: Attempt): Promise<StoredFile[]> {
  const { record, deps } = attempt
  const files: InputFile[] = [...record.input_files]
  if (files.every(isStored)) return files
  const leavePlace = enterPlace(attempt)
  const begunMs = performance.now()
  const comeBack = deps.inFlight.stepAside()
  const pause = startPause(attempt)
  try {
    await forEachLimited(files, AT_ONCE, async (file, index) => {
      if (!isStored(file)) files[index] = await fetchLink(attempt, file, pause.signal)
    })
    await writeDown(attempt, files)
    // The next attempt finds its files here, and is given to a worker that is idle.
    if (attempt.fetchesOnly) throw new AttemptEnded({ kind: 'released' })
    return files.filter(isStored)
  } finally {
    pause.end()
    attempt.clock.linksTook(performance.now() - begunMs)
    comeBack()
    leavePlace()
  }
}

function enterPlace({ record, deps }: Attempt): () => void {
  const { places } = deps.links
  if (!places) return () => undefined
  const links = record.input_files.filter((file): file is LinkedFile => !isStored(file))
  const job = { tenant: record.tenant, hosts: links.map(({ url }) => new URL(url).host) }
  const leave = places.enter(job)
  if (!leave) throw new AttemptEnded({ kind: 'released', againMs: places.turnAway() })
  return leave
}

/**
 * What ends the fetching, beside its own faults: a stop of the attempt, the time for all files of the job, and somebody
 * who has to be alone in this process.
 */
function startPause({ deps, stop }: Attempt): { signal: AbortSignal; end(): void } {
  const reason = () => new OverallTimeout()
  const ended = startDeadline(deps.links.totalMs ?? TOTAL_MS, { signal: stop.running, reason })
  const unwatch = deps.gate.onWanted(() => ended.abort(new AttemptEnded({ kind: 'released', againMs: MADE_WAY_MS })))
  return {
    signal: ended.signal,
    end() {
      unwatch()
      ended.end()
    },
  }
}

/** The files of one job took too long together, though perhaps none of them did. */
class OverallTimeout extends Error {}

/** Makes the files part of the record. Throws AttemptEnded when the job is somebody else's by now. */
async function writeDown({ deps, hold, stop }: Attempt, files: InputFile[]): Promise<void> {
  const isOurs = await insist(() => deps.store.resolveInputs(hold, files), {
    signal: stop.running,
    forMs: deps.pace.settleForMs,
    firstDelayMs: deps.pace.retryMs,
    retryable: isUnavailable,
    onFault: (error) => deps.logFault('The files of a job could not be written down; trying again', error, hold),
  })
  if (!isOurs) throw new AttemptEnded({ kind: 'lost' })
}

async function fetchLink(attempt: Attempt, file: LinkedFile, signal: AbortSignal): Promise<StoredFile> {
  const { deps, record, stop } = attempt
  const { links, objects } = deps
  const { pathname } = new URL(file.url)
  const name = safeFileName(decoded(pathname), 'file')
  try {
    const { body, contentType: declared } = await links.fetcher.fetch(file.url, { signal })
    const register = {
      tenant: record.tenant,
      keep: (blob: Parameters<FileStore['keep']>[2]) => links.files.keep(record.tenant, record.id, blob),
      deleted: (keys: readonly string[]) => links.files.deleted(record.tenant, keys),
    }
    const { contentType, ...stored } = await storeBlob(objects, register, {
      object: newObjectName(),
      body,
      rules: { contentType: mediaTypeOf(declared, name), maxPixels: links.maxImagePixels },
      signal,
    })
    const { key, size, sha256 } = stored
    if (!acceptsMediaType(file.accept, contentType)) {
      throw refused(file, 'type_mismatch', `the file is ${contentType}, but ${file.accept} is expected`)
    }
    return { id: file.id, pointer: file.pointer, key, size, sha256, name, content_type: contentType }
  } catch (error) {
    stop.running.throwIfAborted()
    if (signal.reason instanceof AttemptEnded) throw signal.reason
    const late = signal.reason instanceof OverallTimeout
    throw linkFault(file, late ? new GuardedFetchError('timeout') : error)
  }
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}
