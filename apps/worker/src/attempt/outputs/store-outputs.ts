/** Fourth step of an attempt: its output is checked and put where it is kept. Called by run-attempt.ts and keep-partial.ts. */
import { fileIdOf, type JsonValue, LIMITS, type RunnerFile, safeFileName, type StoredFile } from '@millrace/contracts'
import { InvalidOutputError, openInside } from '@millrace/model'
import type { KeptOutput } from '@millrace/queue'
import { type ObjectWriter, type PutOptions, StorageError } from '@millrace/storage'
import { forEachLimited, insist, unlessAborted } from '@millrace/async'
import type { Attempt } from '../attempt.ts'
import { AttemptEnded, type AttemptOutcome, failed, type GivenOutput } from '../attempt-outcome.ts'
import type { FinishedRun } from '../run-model.ts'

const AT_ONCE = 4
const MEDIA_TYPE = /^[\w.+-]{1,100}\/[\w.+-]{1,100}(;[ -~]{1,50})?$/

/**
 * Checks the answer against the model's own schema and puts what is large into the object store, below a
 * prefix no other try has used. Throws AttemptEnded for an answer that doesn't fit and a store that stays away.
 */
export async function storeOutputs(attempt: Attempt, run: FinishedRun): Promise<AttemptOutcome> {
  const { deps, stop } = attempt
  await checkAnswer(attempt, run)
  try {
    const output =
      inlineOf(run) ?? (await keepOutput(attempt, run, { signal: stop.storing, forMs: deps.pace.storeForMs }))
    const { metrics, runSeconds } = run
    return { kind: 'succeeded', output, ...(metrics && { modelMetrics: metrics }), runSeconds }
  } catch (error) {
    stop.throwIfOver()
    if (error instanceof InvalidOutputError) throw refused(error.message, run)
    if (!(error instanceof StorageError)) throw error
    throw new AttemptEnded(outputUnavailable(error, run.runSeconds), { cause: error })
  }
}

/** Blames nobody. */
export const outputUnavailable = ({ fault }: StorageError, runSeconds: number): AttemptOutcome =>
  failed({
    blame: 'platform',
    code: 'output_unavailable',
    message: 'The output could not be written to the object store.',
    details: { faults: [fault] },
    runSeconds,
  })

async function checkAnswer({ deps, record, stop }: Attempt, run: FinishedRun): Promise<void> {
  const { outputFiles } = deps.pace
  if (run.files.length > outputFiles)
    throw refused(`The output holds ${run.files.length} files, at most ${outputFiles} are taken.`, run)
  const fault = await deps.outputChecks[record.kind]?.(run.output ?? null, run.files).catch((error: unknown) => {
    if (!(error instanceof InvalidOutputError)) throw error
    throw refused(`The answer could not be checked: ${error.message}.`, run)
  })
  stop.throwIfOver()
  if (!fault) return
  const message = `The model's answer does not fit its output schema: ${fault.pointer || 'the output'} ${fault.message}.`
  throw refused(message, run, [fault])
}

function refused(message: string, run: FinishedRun, faults?: unknown[]): AttemptEnded {
  const details = faults && { faults }
  return new AttemptEnded(
    failed({ blame: 'final', code: 'invalid_output', message, details, runSeconds: run.runSeconds }),
  )
}

/** What the record itself keeps: a small output without files. */
export function inlineOf({ output, files }: GivenOutput): KeptOutput | undefined {
  if (files.length > 0) return undefined
  const text = JSON.stringify(output ?? null)
  return Buffer.byteLength(text) <= LIMITS.inlineBytes ? { value: { inline: text }, files: [] } : undefined
}

/**
 * Puts an output where it is kept, trying again while the store is away. Rejects with the signal's reason, the last
 * StorageError, or InvalidOutputError for a file that may not be read or does not fit.
 */
export async function keepOutput(
  attempt: Attempt,
  given: GivenOutput,
  { signal, forMs }: { signal: AbortSignal; forMs: number },
): Promise<KeptOutput> {
  const { deps, hold } = attempt
  const kept = await insist(() => storeOnce(attempt, given, signal), {
    signal,
    forMs,
    firstDelayMs: deps.pace.retryMs,
    retryable: (error) => error instanceof StorageError,
    onFault: (error) => deps.logFault('An output could not be stored; trying again', error, hold),
  })
  attempt.outputs.dropEarlier()
  return kept
}

/** One try, below its own prefix: what an unanswered earlier try may still be writing can't meet it. */
async function storeOnce(attempt: Attempt, given: GivenOutput, signal: AbortSignal): Promise<KeptOutput> {
  const { deps } = attempt
  const text = JSON.stringify(given.output ?? null)
  const bytes = Buffer.from(text)
  const prefix = attempt.outputs.next()
  const room = { bytes: deps.pace.outputBytes }
  const files: StoredFile[] = []
  const { folder } = given
  await forEachLimited(given.files, AT_ONCE, async (file, index) => {
    files[index] = await storeFile(attempt, file, { folder, prefix, index, room, signal })
  })
  if (bytes.length <= LIMITS.inlineBytes) return { value: { inline: text }, files }
  takeRoom(room, bytes.length, deps.pace.outputBytes)
  return { value: await storeJson(attempt, prefix, bytes, signal), files }
}

async function storeJson(attempt: Attempt, prefix: string, bytes: Buffer, signal: AbortSignal): Promise<JsonValue> {
  const { key, size, sha256 } = await put(attempt, `${prefix}output.json`, bytes, {
    contentType: 'application/json',
    size: bytes.length,
    signal,
  })
  return { stored: { key, size, sha256 } }
}

/** Puts an output that Redis has no room for into the object store, as `keepOutput` does with one that is too large. */
export async function moveOutput(
  attempt: Attempt,
  { value, files }: KeptOutput,
  { signal, forMs }: { signal: AbortSignal; forMs: number },
): Promise<KeptOutput> {
  if (!('inline' in value)) return { value, files }
  const { deps, hold } = attempt
  const bytes = Buffer.from(value.inline)
  const store = () => storeJson(attempt, attempt.outputs.next(), bytes, signal)
  const stored = await insist(store, {
    ...{ signal, forMs, firstDelayMs: deps.pace.retryMs },
    retryable: (error) => error instanceof StorageError,
    onFault: (error) => deps.logFault('An output could not be stored; trying again', error, hold),
  })
  return { value: stored, files }
}

interface Place {
  /** In which the file lies. */
  folder: string
  prefix: string
  index: number
  /** What this output may still take. */
  room: { bytes: number }
  signal: AbortSignal
}

async function storeFile(
  attempt: Attempt,
  file: RunnerFile,
  { folder, prefix, index, room, signal }: Place,
): Promise<StoredFile> {
  const handle = await openInside(folder, file.path)
  try {
    const { size } = await handle.stat()
    takeRoom(room, size, attempt.deps.pace.outputBytes)
    const name = safeFileName(file.name, `file-${index}`)
    const contentType = MEDIA_TYPE.test(file.content_type) ? file.content_type : 'application/octet-stream'
    const key = `${prefix}${index}-${safeFileName(name, 'file', 100)}`
    const info = await put(attempt, key, handle.createReadStream({ autoClose: false }), { contentType, size, signal })
    return {
      id: fileIdOf(attempt.hold.id, 'o', index),
      pointer: file.pointer,
      content_type: contentType,
      name,
      key: info.key,
      size: info.size,
      sha256: info.sha256,
    }
  } finally {
    await handle.close()
  }
}

function takeRoom(room: { bytes: number }, bytes: number, limit: number): void {
  room.bytes -= bytes
  if (room.bytes < 0) throw new InvalidOutputError(`The output takes more than ${limit} bytes.`)
}

const put = (
  { deps }: Attempt,
  key: string,
  body: Parameters<ObjectWriter['put']>[1],
  options: PutOptions & { signal: AbortSignal },
) => unlessAborted(deps.objects.put(key, body, options), options.signal)
