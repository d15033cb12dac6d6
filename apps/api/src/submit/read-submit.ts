/**
 * The body of a submit over HTTP, JSON or a form, as one shape. Files of a multipart body are in the store when it returns.
 * Called by the submit route, from within submitJob.
 */
import { essenceOf, jobRequestSchema, LIMITS, type Manifest, ProblemError } from '@millrace/contracts'
import type { ApiConfig } from '../http/api-deps.ts'
import { readBody } from '../http/body/read-body.ts'
import { decodeUtf8, type ReadJson, readJson } from '../http/body/read-json.ts'
import { readMultipart } from '../http/body/read-multipart.ts'
import { FIELD_NAMES, FIELDS } from './forms/form-fields.ts'
import { fillForm, type FormEntry, FormPlaces, type Schemas, schemasOf } from './forms/form-input.ts'
import { type FileIntake, FormParts } from './forms/form-parts.ts'
import { parseUrlencoded } from './forms/parse-urlencoded.ts'
import { checkFields, jsonBody, type SubmitBody } from './submit-body.ts'

export interface SubmitLimits {
  /** The current version. */
  model: Manifest
  /** Another version of it. Rejects with ProblemError when there is none. */
  versionOf(version: string): Promise<Manifest>
  config: Pick<ApiConfig, 'maxBodyBytes' | 'maxUploadBytes'>
}

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

async function readUrlencodedSubmit(request: Request, { config, model, versionOf }: SubmitLimits): Promise<SubmitBody> {
  const maxBytes = Math.min(config.maxBodyBytes, LIMITS.bodyBytes)
  const entries = parseUrlencoded(decodeUtf8(await readBody(request, maxBytes)))
  return takeForm(entries, schemasOf(await namedVersion(entries, model, versionOf)))
}

async function readMultipartSubmit(
  request: Request,
  files: FileIntake,
  { model, config, versionOf }: SubmitLimits,
): Promise<SubmitBody> {
  const parts = new FormParts(files, model)
  const { isField, onFile } = parts
  const fields = await readMultipart(request, { maxBytes: config.maxUploadBytes, takesFields: true, isField, onFile })
  const named = await namedVersion(fields, model, versionOf)
  return takeForm(await parts.entries(named, fields), schemasOf(named))
}

/** The version that a form is for, wherever it says so. One that no request may name is refused with all other fields. */
async function namedVersion(
  fields: readonly { name: string; bytes?: Buffer }[],
  current: Manifest,
  versionOf: SubmitLimits['versionOf'],
): Promise<Manifest> {
  const bytes = fields.find(({ name }) => name === 'version')?.bytes
  const version = jobRequestSchema.shape.version.safeParse(bytes && decodeUtf8(bytes))
  return version.data === undefined ? current : versionOf(version.data)
}

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
