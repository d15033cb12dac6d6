/**
 * Moves what jobs that have ended left in Redis to the object store, so that Redis keeps little of them: long logs at once,
 * inputs, outputs and other logs while Redis is crowded. Clients see no difference. Runs in every worker; each job is taken by
 * one of them at a time, and doing it twice is harmless.
 */
import { randomBytes } from 'node:crypto'
import { text } from 'node:stream/consumers'
import { inputPrefix, type JobId, type JsonValue, LIMITS, logPrefix, outputPrefix } from '@millrace/contracts'
import { type LeftBehind, type LogEntry, packLog, type PutAway, type ShelfStore, unpackLog } from '@millrace/queue'
import { type ObjectEraser, type ObjectReader, type ObjectWriter, StorageError } from '@millrace/storage'
import type { FaultLog } from '../fault-log.ts'
import { createLoop, forEachLimited, type Loop, WithLifecycle } from '@millrace/async'

export interface ShelverDeps {
  shelf: ShelfStore
  /** Every model that was ever published. */
  models(): Promise<string[]>
  objects: ObjectWriter & Pick<ObjectReader, 'get'> & Pick<ObjectEraser, 'delete'>
  logFault: FaultLog
  /** From the end of one round to the next, with a quarter of jitter either way. Default 2000. */
  everyMs?: number
}

/** Of one model that are moved at once. */
const AT_ONCE = 8

export class Shelver extends WithLifecycle {
  readonly #deps: ShelverDeps
  protected readonly life: Loop

  constructor(deps: ShelverDeps) {
    super()
    this.#deps = deps
    this.life = createLoop({
      round: (stopping) => this.#moveAll(stopping),
      everyMs: deps.everyMs ?? 2000,
      jitter: 0.25,
      onFault: (error) => this.#onFault(error),
    })
  }

  /** Moves all that there is to be moved now; a fault is logged. */
  round(): Promise<void> {
    return this.#moveAll().catch((error: unknown) => this.#onFault(error))
  }

  #onFault(error: unknown): void {
    const message = 'What ended jobs left in Redis could not be moved to the object store; trying again'
    this.#deps.logFault(message, error)
  }

  async #moveAll(stopping?: AbortSignal): Promise<void> {
    for (let names = await this.#deps.models(); names.length > 0; ) names = await this.#moveSome(names, stopping)
  }

  /** Some of each model in turn, so that one with much to be moved holds up no other. Answers those that may have more. */
  async #moveSome(names: readonly string[], stopping?: AbortSignal): Promise<string[]> {
    const rest: string[] = []
    for (const model of names) {
      if (stopping?.aborted) return []
      const taken = await this.#deps.shelf.take(model, AT_ONCE)
      await forEachLimited(taken, AT_ONCE, (id) => this.#move(id))
      if (taken.length > 0) rest.push(model)
    }
    return rest
  }

  async #move(id: JobId): Promise<void> {
    const { shelf, objects } = this.#deps
    const left = await shelf.read(id)
    if (!left) return
    const written: string[] = []
    const write = async (key: string, bytes: Buffer, contentType = 'application/json') => {
      written.push(key)
      const { size, sha256 } = await objects.put(key, bytes, { contentType, size: bytes.length })
      return { stored: { key, size, sha256 } }
    }
    let isKept: boolean
    try {
      isKept = await shelf.putAway(id, left, await writeAll(id, left, { write, objects }))
    } catch (error) {
      await this.#forget(written)
      throw error
    }
    if (!isKept) await this.#forget(written)
    else if (left.shelved && left.log.length > 0) await this.#forget([left.shelved.key])
  }

  /** What stays by accident goes with the purge of the job, or is found by the sweeper. */
  async #forget(keys: readonly string[]): Promise<void> {
    for (const key of keys) await this.#deps.objects.delete(key).catch(() => undefined)
  }
}

interface Means {
  write(key: string, bytes: Buffer, contentType?: string): Promise<JsonValue & { stored: unknown }>
  objects: ShelverDeps['objects']
}

/** Under names that nobody has used: what is read meanwhile stays as it is. */
async function writeAll(id: JobId, left: LeftBehind, { write, objects }: Means): Promise<PutAway> {
  const { tenant, fence, input, output, log, shelved } = left
  const nonce = randomBytes(8).toString('hex')
  const away: PutAway = {}
  if (input !== undefined) away.input = await write(`${inputPrefix(tenant, id)}${nonce}.json`, Buffer.from(input))
  if (output !== undefined) {
    away.output = await write(`${outputPrefix(tenant, id, fence, nonce)}output.json`, Buffer.from(output))
  }
  const last = log.at(-1)
  if (last) {
    const before = shelved ? await readLog(objects, shelved.key) : []
    const { bytes, pieces } = packLog(newest([...before, ...log]))
    const key = `${logPrefix(tenant, id)}${nonce}.ndjson`
    await write(key, bytes, 'text/plain')
    away.log = { key, last: last[0], pieces }
  }
  return away
}

/** Of a job that was run again and again no more is kept than Redis would. */
function newest(entries: LogEntry[]): LogEntry[] {
  let bytes = 0
  const from = entries.findLastIndex(([, json]) => (bytes += json.length) > LIMITS.eventBytesPerJob)
  return entries.slice(Math.max(from + 1, entries.length - 2 * LIMITS.eventsPerJob))
}

/** Empty when it is gone: then the log begins later. */
async function readLog(objects: ShelverDeps['objects'], key: string): Promise<ReturnType<typeof unpackLog>> {
  try {
    return unpackLog(await text(await objects.get(key)))
  } catch (error) {
    if (error instanceof StorageError && error.fault === 'missing') return []
    throw error
  }
}
