/**
 * Puts one checkpoint where it is kept: files and a large state into the object store, then all of it into the record, by one script
 * that checks the fence. What does not come into the record is deleted. Called by checkpoint-keeper.ts.
 */
import { randomBytes } from 'node:crypto'
import { insist } from '@millrace/async'
import { type CheckpointAnswer, checkpointFolder, checkpointPrefix, LIMITS, notKept } from '@millrace/contracts'
import type { GivenCheckpoint } from '@millrace/host'
import { InvalidOutputError } from '@millrace/model'
import { isUnavailable, type NewCheckpoint } from '@millrace/queue'
import { StorageError } from '@millrace/storage'
import { type CheckpointParts, CheckpointTooLargeError, putCheckpoint, putState } from './put-checkpoint.ts'

/** Never rejects: a run goes on, whatever becomes of what it wanted kept. */
export async function storeCheckpoint(
  parts: CheckpointParts,
  given: GivenCheckpoint,
  from: string,
): Promise<CheckpointAnswer> {
  if (given.files.length > LIMITS.checkpointFiles) {
    return notKept(
      'too_many_files',
      `It has ${given.files.length} files, and at most ${LIMITS.checkpointFiles} are kept.`,
    )
  }
  const places = new CheckpointPlaces(parts)
  try {
    const checkpoint = await insist(() => putCheckpoint(parts, given, { from, folder: places.next() }), {
      ...patienceOf(parts),
      retryable: (error) => error instanceof StorageError,
    })
    if (checkpoint.folder === '') places.giveUpLast()
    const { outcome, folder } = await commit(parts, checkpoint, places)
    await places.discardAllBut(outcome === 'kept' ? folder : undefined)
    if (outcome === 'kept') return { kept: true }
    return outcome === 'fenced' ? notKept('ended') : notKept('unavailable', 'Redis has no room for it now.')
  } catch (error) {
    return refusalOf(parts, places, error)
  }
}

/** A state that Redis has no room for is moved out of it first. Resolves with the folder that the record names if it was kept. */
async function commit(
  parts: CheckpointParts,
  checkpoint: NewCheckpoint,
  places: CheckpointPlaces,
): Promise<{ outcome: 'kept' | 'fenced' | 'crowded'; folder: string }> {
  const { deps, hold } = parts
  const isInline = 'inline' in checkpoint.state
  places.isAsked = true
  const outcome = await insist(() => deps.store.keepCheckpoint(hold, checkpoint, !isInline), {
    ...patienceOf(parts),
    retryable: isUnavailable,
  })
  if (outcome !== 'crowded' || !isInline) return { outcome, folder: checkpoint.folder }
  return commit(parts, await putState(parts, checkpoint, checkpoint.folder || places.next()), places)
}

const patienceOf = ({ deps, hold, stop }: CheckpointParts) => ({
  // A drain does not break it off: the next attempt goes on from it.
  ...{ signal: stop.storing, forMs: deps.pace.checkpointForMs, firstDelayMs: deps.pace.retryMs },
  onFault: (error: unknown) => deps.logFault('A checkpoint could not be kept; trying again', error, hold),
})

async function refusalOf(
  { deps, hold, stop }: CheckpointParts,
  places: CheckpointPlaces,
  error: unknown,
): Promise<CheckpointAnswer> {
  // It may have come into the record all the same, or come there yet. Then the sweeper decides, who sees the record a day later.
  if (!places.isAsked) await places.discardAllBut(undefined)
  if (stop.storing.aborted) return notKept('ended')
  if (error instanceof CheckpointTooLargeError) return notKept('too_large', error.message)
  if (error instanceof InvalidOutputError) return notKept('invalid', error.message)
  deps.logFault('A checkpoint could not be kept', error, hold)
  return notKept('unavailable')
}

/** Where one checkpoint was tried to be put: each try has a folder of its own. */
class CheckpointPlaces {
  readonly #parts: CheckpointParts
  readonly #folders: string[] = []
  /** Redis was asked to keep it. */
  isAsked = false

  constructor(parts: CheckpointParts) {
    this.#parts = parts
  }

  next(): string {
    const folder = checkpointFolder(this.#parts.hold.fence, randomBytes(4).toString('hex'))
    this.#folders.push(folder)
    return folder
  }

  /** Nothing was put into the newest. */
  giveUpLast(): void {
    this.#folders.pop()
  }

  /** Deletes what is not to be kept, unless the record names it: an answer can be lost after the commit. Never rejects. */
  async discardAllBut(kept: string | undefined): Promise<void> {
    const { deps, record, hold } = this.#parts
    const rest = this.#folders.filter((folder) => folder !== kept)
    try {
      const named = this.isAsked && kept === undefined ? await this.#named() : undefined
      for (const folder of rest) {
        if (folder !== named) await deps.objects.deletePrefix(checkpointPrefix(record.tenant, hold.id, folder))
      }
    } catch (error) {
      deps.logFault('Objects of a checkpoint that does not count could not be deleted', error, hold)
    }
  }

  async #named(): Promise<string | undefined> {
    const found = await this.#parts.deps.records.get(this.#parts.hold.id)
    return found.outcome === 'found' ? found.record.checkpoint?.folder : undefined
  }
}
