/**
 * The body of a submit over HTTP, JSON or a form, as one shape. Files of a multipart body are in the store when it returns.
 * Called by the submit route, from within submitJob.
 */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import {
  essenceOf,
  JOB_KINDS,
  type JobKind,
  LIMITS,
  type Manifest,
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
import type { ApiConfig } from '../http/api-deps.ts'
import { inputSchemaOf } from '../input/input-schema.ts'
import { faultyFile } from '../input/invalid-input.ts'
import { checkFields, jsonBody, type SubmitBody } from './submit-body.ts'

/** What a job of each kind takes, by which the texts of a form are read. */
type Schemas = Partial<Record<JobKind, Schema>>

export interface SubmitLimits {
  model: Manifest
  config: Pick<ApiConfig, 'maxBodyBytes' | 'maxUploadBytes'>
}

/** Where the files of a body go. */
type FileIntake = Pick<InputFiles, 'store'>

/** Throws ProblemError. What was stored by then is let go of by submitJob. */
export async function readSubmit(request: Request, files: FileIntake, limits: SubmitLimits): Promise<SubmitBody> {
  const type = essenceOf(request.headers.get('content-type'))
  if (type === 'application/json') return readJsonSubmit(request, limits)
  if (type === 'multipart/form-data') return readMultipartSubmit(request, files, limits)
  if (type === 'application/x-www-form-urlencoded') return readUrlencodedSubmit(request, limits)
  throw new ProblemError('unsupported_media_type')
}

async function readJsonSubmit(request: Request, { config }: SubmitLimits): Promise<SubmitBody> {
  const { value, nodes } = readJson(await readBody(request, config.maxBodyBytes))
  return jsonBody(value, nodes)
}

async function readUrlencodedSubmit(request: Request, { config, model }: SubmitLimits): Promise<SubmitBody> {
  const maxBytes = Math.min(config.maxBodyBytes, LIMITS.bodyBytes)
  const entries = parseUrlencoded(decodeUtf8(await readBody(request, maxBytes)))
  return takeForm(entries, schemasOf(model))
}

const schemasOf = ({ input_schema, training }: Manifest): Schemas => ({
  prediction: input_schema,
  ...(training && { training: training.input_schema }),
})

/** Fields of the request that a form may carry beside the input, and how their bytes are read. */
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

async function readMultipartSubmit(
  request: Request,
  files: FileIntake,
  { model, config }: SubmitLimits,
): Promise<SubmitBody> {
  const schemas = schemasOf(model)
  const places = new FormPlaces(Object.values(schemas))
  // Files may come before the part that says of which kind the job is. What does not fit is refused afterwards.
  const takesFiles = JOB_KINDS.some((kind) => inputSchemaOf(model, kind)?.checker.takesFiles)
  const taken: (FormEntry & { order: number })[] = []
  // Nobody can guess it, so no text of a client passes for an uploaded part.
  const nonce = randomBytes(16).toString('hex')
  const onFile = async (part: FilePart): Promise<void> => {
    if (await isNoFile(part)) return
    const keys = places.keysOf(part.name)
    const pointer = keys.reduce(pointerTo, '')
    if (!takesFiles) throw faultyFile(pointer, 'takes no file')
    const isRepeated = taken.some((one) => 'file' in one && one.file.pointer === pointer)
    if (isRepeated && !places.takesSeveral(keys)) {
      throw faultyFile(pointer, 'takes one file, and is given several')
    }
    // Noted before the first wait, so that a second part of this name is noticed.
    const slot = { pointer } as StoredFile
    taken.push({ name: part.name, order: part.order, file: slot, text: `${nonce}:${part.order}` })
    const contentType = mediaTypeOf(part.contentType, part.fileName)
    const { stream: body, signal } = part
    Object.assign(slot, await files.store({ pointer, name: part.fileName, contentType, body, signal }))
  }
  const isField = (part: PartHead): boolean => isFieldOf(places, part)
  const fields = await readMultipart(request, { maxBytes: config.maxUploadBytes, takesFields: true, isField, onFile })
  for (const { name, bytes, contentType, order } of fields) {
    taken.push({ name, order, bytes, isJson: isJsonType(contentType) })
  }
  return takeForm(
    taken.sort((a, b) => a.order - b.order),
    schemas,
  )
}

/** Fields of the request are fields whatever they look like, except a file for a key of the input that is named `input`. */
function isFieldOf(places: FormPlaces, part: PartHead): boolean {
  if (part.name === 'input') return !part.fileName || isJsonType(part.contentType) || !places.takesFile(['input'])
  if (FIELD_NAMES.has(part.name) || looksLikeField(part)) return true
  return (
    !part.fileName && isJsonType(part.contentType) && part.name !== '' && !places.takesFile(places.keysOf(part.name))
  )
}

/** Browsers send this for a file field in which no file was chosen: no name, no type, no bytes. */
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

/** Makes a request of a form: the fields of the request by their names, and an input of all else. */
function takeForm(entries: readonly FormEntry[], schemas: Schemas): SubmitBody {
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
  const { fields, input } = checkFields(body)
  const nodes = (given?.nodes ?? 1) + fillForm(input, ofInput, schemas[fields.kind] ?? {})
  const parts = new Map(ofInput.flatMap((entry) => ('file' in entry ? [[entry.text, entry.file]] : [])))
  return { fields, input, nodes, parts: [...parts.values()], partOf: (text) => parts.get(text) }
}

const isJsonObject = (bytes: Buffer): boolean => /^\s*\{/.test(bytes.toString('latin1', 0, 100))
