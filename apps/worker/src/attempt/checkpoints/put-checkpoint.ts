/** Writes the objects of one checkpoint, in one folder that no other try has. Called by store-checkpoint.ts. */
import type { FileHandle } from 'node:fs/promises'
import { forEachLimited, unlessAborted } from '@millrace/async'
import { checkpointPrefix, type JobRecord, LIMITS, safeFileName, type StoredValue } from '@millrace/contracts'
import type { GivenCheckpoint } from '@millrace/host'
import { openInside } from '@millrace/model'
import type { Hold, NewCheckpoint } from '@millrace/queue'
import type { AttemptDeps } from '../attempt-deps.ts'
import type { StopSwitch } from '../stop-switch.ts'

/** What there is of the attempt that makes it. */
export interface CheckpointParts {
  deps: AttemptDeps
  record: JobRecord
  hold: Hold
  stop: StopSwitch
}

const AT_ONCE = 4
const JSON_TYPE = 'application/json'
const ANY_TYPE = 'application/octet-stream'

export class CheckpointTooLargeError extends Error {}

/** Where one try reads and writes. */
export interface CheckpointPlace {
  /** In which the files of the model lie. */
  from: string
  /** Of the objects. */
  folder: string
}

/**
 * One try. Rejects with StorageError when the store does not take it, CheckpointTooLargeError, or InvalidOutputError for a file that
 * may not be read.
 */
export async function putCheckpoint(
  parts: CheckpointParts,
  given: GivenCheckpoint,
  { from, folder }: CheckpointPlace,
): Promise<NewCheckpoint> {
  const { deps } = parts
  const room = new Room(deps.pace.outputBytes)
  const files: NewCheckpoint['files'] = []
  await forEachLimited(given.files, AT_ONCE, async ({ name, path }, index) => {
    const key = `${prefixOf(parts, folder)}${index}-${safeFileName(name, 'file', 100)}`
    files[index] = { ...(await putFile(parts, { from, path, key, type: ANY_TYPE }, room)), name }
  })
  const state = await keepState(parts, given, { from, folder }, room)
  const stored_bytes = room.taken
  const hasObjects = files.length > 0 || 'stored' in state
  return { version: deps.manifest.version, folder: hasObjects ? folder : '', stored_bytes, state, files }
}

/** The same checkpoint with its state in the object store. */
export async function putState(
  parts: CheckpointParts,
  checkpoint: NewCheckpoint,
  folder: string,
): Promise<NewCheckpoint> {
  if (!('inline' in checkpoint.state)) return checkpoint
  const stored = await putText(parts, folder, checkpoint.state.inline)
  return { ...checkpoint, folder, stored_bytes: checkpoint.stored_bytes + stored.size, state: { stored } }
}

async function keepState(
  parts: CheckpointParts,
  { state, statePath }: GivenCheckpoint,
  { from, folder }: CheckpointPlace,
  room: Room,
): Promise<NewCheckpoint['state']> {
  if (statePath !== undefined) {
    const key = stateKey(parts, folder)
    const most = LIMITS.checkpointStateBytes
    return { stored: await putFile(parts, { from, path: statePath, key, type: JSON_TYPE, most }, room) }
  }
  const text = JSON.stringify(state ?? null)
  if (Buffer.byteLength(text) <= LIMITS.inlineBytes) return { inline: text }
  const stored = await putText(parts, folder, text)
  room.take(stored.size)
  return { stored }
}

async function putText(parts: CheckpointParts, folder: string, text: string): Promise<StoredValue> {
  const { deps, stop } = parts
  const bytes = Buffer.from(text)
  const options = { contentType: JSON_TYPE, size: bytes.length, signal: stop.storing }
  const put = deps.objects.put(stateKey(parts, folder), bytes, options)
  return valueOf(await unlessAborted(put, stop.storing))
}

interface FileToPut {
  from: string
  path: string
  key: string
  type: string
  /** More bytes are refused. */
  most?: number
}

async function putFile(
  { deps, stop }: CheckpointParts,
  { from, path, key, type, most = Number.POSITIVE_INFINITY }: FileToPut,
  room: Room,
): Promise<StoredValue> {
  const handle: FileHandle = await openInside(from, path)
  try {
    const { size } = await handle.stat()
    if (size > most) throw new CheckpointTooLargeError(`The state takes more than ${most} bytes.`)
    room.take(size)
    const body = handle.createReadStream({ autoClose: false })
    const put = deps.objects.put(key, body, { contentType: type, size, signal: stop.storing })
    return valueOf(await unlessAborted(put, stop.storing))
  } finally {
    await handle.close()
  }
}

const valueOf = ({ key, size, sha256 }: StoredValue): StoredValue => ({ key, size, sha256 })
const prefixOf = ({ record, hold }: CheckpointParts, folder: string): string =>
  checkpointPrefix(record.tenant, hold.id, folder)
const stateKey = (parts: CheckpointParts, folder: string): string => `${prefixOf(parts, folder)}state.json`

/** What one checkpoint may take in the object store. */
class Room {
  readonly #most: number
  taken = 0

  constructor(most: number) {
    this.#most = most
  }

  take(bytes: number): void {
    this.taken += bytes
    if (this.taken > this.#most) throw new CheckpointTooLargeError(`It takes more than ${this.#most} bytes.`)
  }
}
