/** The body of a submit, JSON or multipart, as one shape. Files of a multipart body are in the store when it returns. */
import { randomBytes } from 'node:crypto'
import { type JobRequest, jobRequestSchema, mediaTypeOf, ProblemError, type StoredFile } from '@millrace/contracts'
import type { InputFiles } from './input-files.ts'
import { fillAt, parsePointer, pointerTo } from './json-pointer.ts'
import { readBody } from './read-body.ts'
import { decodeUtf8, type ReadJson, readJson } from './read-json.ts'
import { type FilePart, readMultipart } from './read-multipart.ts'
import { refuseReservedSteps } from './refuse-reserved-keys.ts'
import { parseRequest } from './request-faults.ts'
import { invalidInput } from './validate-input.ts'

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
}

/** Throws ProblemError; what was stored by then is the caller's to discard. */
export async function readSubmit(request: Request, files: InputFiles, limits: SubmitLimits): Promise<SubmitBody> {
  const type = request.headers.get('content-type')?.split(';', 1)[0]?.trim().toLowerCase()
  if (type === 'application/json') return readJsonSubmit(request, limits)
  if (type === 'multipart/form-data') return readMultipartSubmit(request, files, limits)
  throw new ProblemError('unsupported_media_type')
}

async function readJsonSubmit(request: Request, limits: SubmitLimits): Promise<SubmitBody> {
  const { value, nodes } = readJson(await readBody(request, limits.maxBodyBytes))
  return { ...checkRequest(value), nodes, parts: [], partOf: () => undefined }
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
  const parts = new Map<string, StoredFile>()
  const fields = await readMultipart(request, {
    maxBytes: limits.maxUploadBytes,
    fields: FIELD_NAMES,
    onFile: (part) => takeFile(part, files, parts, limits.takesFiles),
  })
  let given: ReadJson = { value: {}, nodes: 1 }
  const body: Record<string, unknown> = {}
  for (const [name, bytes] of fields) {
    if (name === 'input') given = readJson(bytes, '/input')
    else body[name] = FIELDS[name]?.(bytes)
  }
  body.input = given.value
  const { request: checked, input } = checkRequest(body)
  // Cannot be guessed, so no text of a client passes for an uploaded part.
  const nonce = randomBytes(16).toString('hex')
  const texts = new Map<string, StoredFile>()
  for (const part of inOrder(parts)) {
    const text = `${nonce}:${part.id}`
    texts.set(text, part)
    if (!fillAt(input, parsePointer(part.pointer) ?? [], text)) throw invalidInput([taken(part.pointer)])
  }
  return { request: checked, input, nodes: given.nodes, parts: [...parts.values()], partOf: (text) => texts.get(text) }
}

async function takeFile(part: FilePart, files: InputFiles, parts: Map<string, StoredFile>, takesFiles: boolean) {
  const pointer = part.name.startsWith('/') ? part.name : pointerTo('', part.name)
  const keys = parsePointer(pointer)
  if (part.name === '' || !keys) {
    throw new ProblemError('malformed_multipart', {
      detail: 'A file part is named by its key in the input, such as image, or by a JSON pointer, such as /pages/0.',
    })
  }
  refuseReservedSteps(keys)
  if (!takesFiles)
    throw invalidInput([{ path: `/input${pointer.slice(0, 200)}`, code: 'file', message: 'takes no file' }])
  if (parts.has(pointer)) throw invalidInput([taken(pointer)])
  // Held before the first wait, so that a second part by this name is seen.
  const slot = { pointer } as StoredFile
  parts.set(pointer, slot)
  const contentType = mediaTypeOf(part.contentType, part.fileName)
  const { stream: body, signal } = part
  Object.assign(slot, await files.store({ pointer, name: part.fileName, contentType, body, signal }))
}

/** By pointer, numbers as numbers, so that an array is filled from its start. */
const inOrder = (parts: Map<string, StoredFile>): StoredFile[] =>
  [...parts.values()].sort((a, b) => a.pointer.localeCompare(b.pointer, 'en', { numeric: true }))

const taken = (pointer: string) => ({
  path: `/input${pointer.slice(0, 200)}`,
  code: 'file',
  message: 'the place of this file is taken, or not in an object or at the end of an array',
})

function checkRequest(body: unknown): Pick<SubmitBody, 'request' | 'input'> {
  const isObject = typeof body === 'object' && body !== null && !Array.isArray(body)
  const given: unknown = isObject && Object.hasOwn(body, 'input') ? (body as { input: unknown }).input : undefined
  const hasInput = typeof given === 'object' && given !== null && !Array.isArray(given)
  // The input itself is left out of the copy that the check makes: its own schema checks it.
  const { input: _, ...request } = parseRequest(jobRequestSchema, hasInput ? { ...(body as object), input: {} } : body)
  return { request, input: given as Record<string, unknown> }
}
