/**
 * A job as the API shows it, as text. Inline values go in as they are kept; they are never parsed and printed again. Called by
 * every route that answers with a job.
 */
import { text as textOf } from 'node:stream/consumers'
import {
  type Checkpoint,
  type FileView,
  type InputFile,
  isStored,
  isTerminal,
  type Job,
  type JobRecord,
  type JsonValue,
  LIMITS,
  replaceAt,
  type StoredFile,
  type StoredValue,
} from '@millrace/contracts'
import type { QueuePlace } from '@millrace/queue'
import { type ObjectReader, StorageError } from '@millrace/storage'
import { FileSigner } from '@millrace/webhooks'
import { placeTag, queueView } from './queue-view.ts'
import { JsonSplicer } from './splice-json.ts'

export interface ViewOptions {
  signer: FileSigner
  /** Small values were moved there if Redis was short of memory. */
  objects: Pick<ObjectReader, 'get'>
  /** How addresses begin, see `linkBase`. */
  base: string
  /** Where it waits; absent when unknown or not waiting. */
  place?: QueuePlace
  /** When the signed address of the reader expires: no address in the job is valid for longer. Unix seconds. */
  expires?: number
}

/** How the addresses of files are made. */
export type FileLinks = Pick<ViewOptions, 'signer' | 'base' | 'expires'>

/** JSON text of a `Job`. Rejects with StorageError when the object store has a part of the job and is away. */
export async function jobText(record: JobRecord, options: ViewOptions): Promise<string> {
  const { signer, base, place, expires } = options
  const self = `${base}/v1/jobs/${record.id}`
  // Nearly all that a job shows is at hand: a wait for what is there already would cost more than to write it.
  const given = signer.eventsPath(record.id, expires)
  const events = typeof given === 'string' ? given : await given
  const rest: Omit<Job, 'input' | 'output'> = {
    id: record.id,
    object: 'job',
    kind: record.kind,
    model: record.model,
    version: record.version,
    status: record.status,
    partial: record.output !== null && record.status !== 'succeeded',
    error: record.error,
    progress: record.progress,
    checkpoint: record.checkpoint && checkpointView(record.checkpoint),
    queue: place && record.status === 'queued' ? queueView(record, place) : null,
    attempt: record.attempt,
    attempts: record.attempts,
    max_attempts: record.max_attempts,
    priority: record.priority,
    metadata: record.metadata,
    rerun_of: record.rerun_of,
    batch_id: record.batch,
    cancel_requested: record.cancel_requested,
    webhook: record.webhook && { host: new URL(record.webhook.url).host, events: record.webhook.events },
    metrics: { queue_seconds: queueSeconds(record), run_seconds: record.run_seconds, model: record.model_metrics },
    created_at: record.created_at,
    run_at: record.run_at,
    expires_at: record.expires_at,
    started_at: record.started_at,
    finished_at: record.finished_at,
    purge_at: record.purge_at,
    urls: { self, cancel: `${self}/cancel`, output: `${self}/output`, events: `${base}${events}` },
  }
  const input = valueText(record.input, record.input_files, options)
  const output = valueText(record.output, record.output_files, options)
  const values =
    typeof input === 'string' && typeof output === 'string' ? [input, output] : await Promise.all([input, output])
  return `${JSON.stringify(rest).slice(0, -1)},"input":${values[0]},"output":${values[1]}}`
}

/** Of what is in a checkpoint nothing is shown: it is between a model and its worker. */
const checkpointView = ({ created_at, state, stored_bytes }: Checkpoint): Job['checkpoint'] => ({
  created_at,
  bytes: stored_bytes + ('inline' in state ? Buffer.byteLength(state.inline) : 0),
})

/** Entity tag of that text: changes with the record, the place in the line, and when signed addresses are renewed. */
export function jobTag(record: JobRecord, place: QueuePlace | undefined, signer: FileSigner): string {
  const signed = record.input_files.length + record.output_files.length > 0 ? `-${FileSigner.expiry()}` : ''
  const events = signer.eventsExpiry()
  return `W/"${record.id}-${record.revision}-${placeTag(place)}${signed}${events === undefined ? '' : `-${events}`}"`
}

/** The views of files, as JSON text by the pointer of their place. */
export async function fileViews(files: readonly InputFile[], links: FileLinks): Promise<Map<string, string>> {
  const views = files.map(
    async (file) => [file.pointer, JSON.stringify(await inputView(file, links))] as [string, string],
  )
  return new Map(await Promise.all(views))
}

/** A file. One that is still to be fetched is shown by its address, without the parts that may be secret. */
function inputView(file: InputFile, links: FileLinks): Promise<FileView> | string {
  if (isStored(file)) return fileView(file, links)
  const { origin, pathname, search } = new URL(file.url)
  return `${origin}${pathname}${search === '' ? '' : '?…'}`
}

/** A file with a fresh signed address. */
export async function fileView(
  file: Pick<StoredFile, 'id' | 'content_type' | 'size' | 'sha256' | 'name'>,
  { signer, base, expires }: FileLinks,
): Promise<FileView> {
  const most = FileSigner.expiry()
  const { path, expiresAt } = await signer.sign(file.id, Math.min(most, expires ?? most))
  const { id, content_type, size, sha256, name } = file
  return {
    object: 'file',
    id,
    url: `${base}${path}`,
    content_type,
    size,
    sha256,
    name,
    expires_at: expiresAt.toISOString(),
  }
}

function valueText(
  value: JsonValue | null,
  files: readonly InputFile[],
  options: Pick<ViewOptions, 'objects'> & FileLinks,
): string | Promise<string> {
  if (value === null) return 'null'
  const text = textAsKept(value, options)
  return files.length === 0 ? text : withFiles(text, files, options)
}

function textAsKept(value: JsonValue, { objects }: Pick<ViewOptions, 'objects'>): string | Promise<string> {
  if ('inline' in value) return value.secrets === undefined ? value.inline : masked(value.inline, value.secrets)
  return value.stored.size <= LIMITS.inlineBytes ? storedText(value.stored, objects) : 'null'
}

async function withFiles(
  text: string | Promise<string>,
  files: readonly InputFile[],
  { signer, base, expires }: FileLinks,
): Promise<string> {
  const [views, kept] = await Promise.all([fileViews(files, { signer, base, expires }), text])
  return new JsonSplicer(views).push(kept)
}

/** Its size alone decides whether a value is shown, wherever it lies. If the job is purged meanwhile, nothing is shown. */
async function storedText({ key, size }: StoredValue, objects: ViewOptions['objects']): Promise<string> {
  try {
    return await textOf(await objects.get(key, { start: 0, end: size - 1 }))
  } catch (error) {
    if (error instanceof StorageError && error.fault === 'missing') return 'null'
    throw error
  }
}

/** Shown in place of a secret, whatever its length. */
const MASK = '**********'

function masked(text: string, secrets: readonly string[]): string {
  const value = JSON.parse(text) as Record<string, unknown>
  for (const pointer of secrets) replaceAt(value, pointer, MASK)
  return JSON.stringify(value)
}

function queueSeconds({ created_at, run_at, started_at, finished_at, status }: JobRecord): number | null {
  const left = started_at ?? (isTerminal(status) ? finished_at : null)
  if (left === null) return null
  const due = Math.max(Date.parse(created_at), run_at === null ? 0 : Date.parse(run_at))
  return Math.max(0, Date.parse(left) - due) / 1000
}
