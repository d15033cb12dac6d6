/** The body of a submit, JSON or a form, as one shape. Files of a multipart body are in the store when it returns. */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import {
  essenceOf,
  type Fault,
  type JobKind,
  type JobRequest,
  jobRequestSchema,
  LIMITS,
  mediaTypeOf,
  pointerTo,
  ProblemError,
  type StoredFile,
} from '@millrace/contracts'
import type { Schema } from '@millrace/schema'
import { fillForm, type FormEntry, FormPlaces } from './form-input.ts'
import type { InputFiles } from './input-files.ts'
import { parseUrlencoded } from './parse-urlencoded.ts'
import { readBody } from '../http/body/read-body.ts'
import { decodeUtf8, type ReadJson, readJson } from '../http/body/read-json.ts'
import { type FilePart, looksLikeField, type PartHead, readMultipart } from '../http/body/read-multipart.ts'
import { parseRequest } from '../http/request-faults.ts'
import { invalidInput } from '../input/validate-input.ts'

export interface SubmitBody {
  /** All but the input, checked, with defaults. */
  request: Omit<JobRequest, 'input'>
  /** As sent; at the place of each uploaded part stands a text that only this request knows. */
  input: Record<string, unknown>
  /** Values in the input. */
  nodes: number
  /** The uploaded part that a text in the input stands for. */
  partOf: (text: string) => StoredFile | undefined
  parts: StoredFile[]
}

export interface SubmitLimits {
  maxBodyBytes: number
  maxUploadBytes: number
  /** False when the model takes no files: then none is stored. */
  takesFiles: boolean
  /** What a job of each kind takes, by which the texts of a form are read. */
  schemas: Partial<Record<JobKind, Schema>>
}

/** Throws ProblemError; what was stored by then is the caller's to discard. */
export async function readSubmit(request: Request, files: InputFiles, limits: SubmitLimits): Promise<SubmitBody> {
  const type = essenceOf(request.headers.get('content-type'))
  if (type === 'application/json') return readJsonSubmit(request, limits)
  if (type === 'multipart/form-data') return readMultipartSubmit(request, files, limits)
  if (type === 'application/x-www-form-urlencoded') return readUrlencodedSubmit(request, limits)
  throw new ProblemError('unsupported_media_type')
}

async function readJsonSubmit(request: Request, limits: SubmitLimits): Promise<SubmitBody> {
  const { value, nodes } = readJson(await readBody(request, limits.maxBodyBytes))
  return { ...checkRequest(value), nodes, parts: [], partOf: () => undefined }
}

async function readUrlencodedSubmit(request: Request, { maxBodyBytes, schemas }: SubmitLimits): Promise<SubmitBody> {
  const entries = parseUrlencoded(decodeUtf8(await readBody(request, Math.min(maxBodyBytes, LIMITS.bodyBytes))))
  return takeForm(entries, schemas)
}

/** Fields of the request that a multipart body may carry beside the input, and how their bytes are read. */
const FIELDS: Record<string, (bytes: Buffer) => unknown> = {
  metadata: (bytes) => readJson(bytes, '/metadata').value,
  kind: decodeUtf8,
  webhook: decodeUtf8,
  webhook_events: toEvents,
  version: decodeUtf8,
  priority: decodeUtf8,
  run_at: decodeUtf8,
  expires_in: toNumber,
  timeout: toNumber,
  keep_for: toNumber,
  max_attempts: toNumber,
}
const FIELD_NAMES = new Set(['input', ...Object.keys(FIELDS)])

function toNumber(bytes: Buffer): unknown {
  const text = decodeUtf8(bytes)
  return /^\d{1,12}(\.\d{1,6})?$/.test(text.trim()) ? Number(text) : text
}

/** As JSON, or as words with commas between. */
function toEvents(bytes: Buffer): unknown {
  const text = decodeUtf8(bytes)
  if (text.trimStart().startsWith('[')) return readJson(bytes, '/webhook_events').value
  return text.split(',').map((word) => word.trim())
}

async function readMultipartSubmit(request: Request, files: InputFiles, limits: SubmitLimits): Promise<SubmitBody> {
  const places = new FormPlaces(Object.values(limits.schemas))
  const taken: (FormEntry & { order: number })[] = []
  // Cannot be guessed, so no text of a client passes for an uploaded part.
  const nonce = randomBytes(16).toString('hex')
  const onFile = async (part: FilePart): Promise<void> => {
    if (await isNoFile(part)) return
    const keys = places.keysOf(part.name)
    const pointer = keys.reduce(pointerTo, '')
    if (!limits.takesFiles) throw invalidInput([noFile(pointer)])
    const isRepeated = taken.some((one) => 'file' in one && one.file.pointer === pointer)
    if (isRepeated && !places.takesSeveral(keys)) throw invalidInput([placeTaken(pointer)])
    // Held before the first wait, so that a second part by this name is seen.
    const slot = { pointer } as StoredFile
    taken.push({ name: part.name, order: part.order, file: slot, text: `${nonce}:${part.order}` })
    const contentType = mediaTypeOf(part.contentType, part.fileName)
    const { stream: body, signal } = part
    Object.assign(slot, await files.store({ pointer, name: part.fileName, contentType, body, signal }))
  }
  const isField = (part: PartHead): boolean => isFieldOf(places, part)
  const fields = await readMultipart(request, { maxBytes: limits.maxUploadBytes, takesFields: true, isField, onFile })
  for (const { name, bytes, contentType, order } of fields) {
    taken.push({ name, order, bytes, isJson: isJsonType(contentType) })
  }
  return takeForm(
    taken.sort((a, b) => a.order - b.order),
    limits.schemas,
  )
}

/** Fields of the request are fields whatever they look like; only a file may be meant by an `input` of the input's own. */
function isFieldOf(places: FormPlaces, part: PartHead): boolean {
  if (part.name === 'input') return !part.fileName || isJsonType(part.contentType) || !places.takesFile(['input'])
  if (FIELD_NAMES.has(part.name) || looksLikeField(part)) return true
  return (
    !part.fileName && isJsonType(part.contentType) && part.name !== '' && !places.takesFile(places.keysOf(part.name))
  )
}

/** What browsers send for a field of files in which none was chosen: no name, no type, no bytes. */
async function isNoFile({ fileName, contentType, stream }: FilePart): Promise<boolean> {
  if (fileName || contentType !== 'application/octet-stream') return false
  await once(stream, 'readable')
  const chunk = stream.read() as Buffer | null
  if (chunk === null) {
    stream.resume()
    return true
  }
  stream.unshift(chunk)
  return false
}

const isJsonType = (type: string): boolean => type === 'application/json'

/** A form as a request: the fields of the request by their names, all else as parts of the input. */
function takeForm(entries: readonly FormEntry[], schemas: SubmitLimits['schemas']): SubmitBody {
  const places = new FormPlaces(Object.values(schemas))
  let given: ReadJson | undefined
  const body: Record<string, unknown> = {}
  const ofInput: FormEntry[] = []
  for (const entry of entries) {
    const isField = 'bytes' in entry && FIELD_NAMES.has(entry.name)
    if (!isField || (entry.name === 'input' && places.has('input') && !isJsonObject(entry.bytes))) {
      ofInput.push(entry)
      continue
    }
    const { name, bytes } = entry
    if (Object.hasOwn(body, name)) {
      throw new ProblemError('malformed_multipart', { detail: `The part ${name} was sent twice.` })
    }
    if (name === 'input') given = readJson(bytes, '/input')
    body[name] = name === 'input' ? given?.value : FIELDS[name]?.(bytes)
  }
  body.input ??= {}
  const { request, input } = checkRequest(body)
  const nodes = (given?.nodes ?? 1) + fillForm(input, ofInput, schemas[request.kind] ?? {})
  const parts = new Map(ofInput.flatMap((entry) => ('file' in entry ? [[entry.text, entry.file]] : [])))
  return { request, input, nodes, parts: [...parts.values()], partOf: (text) => parts.get(text) }
}

const isJsonObject = (bytes: Buffer): boolean => /^\s*\{/.test(bytes.toString('latin1', 0, 100))

const noFile = (pointer: string): Fault => ({
  path: `/input${pointer.slice(0, 200)}`,
  code: 'file',
  message: 'takes no file',
})

const placeTaken = (pointer: string): Fault => ({ ...noFile(pointer), message: 'takes one file, and is given several' })

function checkRequest(body: unknown): Pick<SubmitBody, 'request' | 'input'> {
  const isObject = typeof body === 'object' && body !== null && !Array.isArray(body)
  const given: unknown = isObject && Object.hasOwn(body, 'input') ? (body as { input: unknown }).input : undefined
  const hasInput = typeof given === 'object' && given !== null && !Array.isArray(given)
  // The input itself is left out of the copy that the check makes: its own schema checks it.
  const { input: _, ...request } = parseRequest(jobRequestSchema, hasInput ? { ...(body as object), input: {} } : body)
  return { request, input: given as Record<string, unknown> }
}
