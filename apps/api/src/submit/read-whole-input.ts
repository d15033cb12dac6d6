/**
 * Reads a request that is nothing but the input of a job, be it a form, JSON or a query: no field of a submit stands beside it. So do the
 * servers that models were written for. Called by the routes of dialects, from within submitJob.
 */
import { essenceOf, type JobKind, LIMITS, type Manifest, parsePointer, ProblemError } from '@millrace/contracts'
import type { ApiConfig } from '../http/api-deps.ts'
import { readBody } from '../http/body/read-body.ts'
import { decodeUtf8, readJson } from '../http/body/read-json.ts'
import { readMultipart } from '../http/body/read-multipart.ts'
import { inputSchemaOf } from '../input/input-schema.ts'
import { fillForm, type FormEntry, FormPlaces, schemasOf } from './forms/form-input.ts'
import { type FileIntake, FormParts } from './forms/form-parts.ts'
import { parseUrlencoded } from './forms/parse-urlencoded.ts'
import { checkFields, type SubmitBody } from './submit-body.ts'

export interface WholeInput {
  model: Manifest
  /** Default: a prediction. */
  kind?: JobKind
  /** Texts that came beside the body. What the body says of the same name does not count. */
  beside?: readonly FormEntry[]
  /** Whether keys that the model does not list are passed over. Default: they are part of the input. */
  ignoresUnknown?: boolean
  config: Pick<ApiConfig, 'maxBodyBytes' | 'maxUploadBytes'>
}

interface Given {
  json: Record<string, unknown>
  nodes: number
  entries: readonly FormEntry[]
}

/** A body of any other type counts as empty. Throws ProblemError. */
export async function readWholeInput(request: Request, files: FileIntake, wanted: WholeInput): Promise<SubmitBody> {
  const { model, kind = 'prediction', beside = [], ignoresUnknown = false } = wanted
  const schema = schemasOf(model)[kind]
  if (!schema || !inputSchemaOf(model, kind)) throw new ProblemError('kind_not_supported')
  const places = new FormPlaces([schema])
  const keyOf = (name: string): string => parsePointer(name)?.[0] ?? name.replace(/\[\]$/, '')
  const isIgnored = (name: string): boolean => ignoresUnknown && !places.has(name) && !places.has(keyOf(name))
  const { json, nodes, entries } = await read(request, files, { ...wanted, isIgnored })
  const named = new Set(beside.map(({ name }) => keyOf(name)))
  const input = Object.fromEntries(Object.entries(json).filter(([key]) => !named.has(key) && !isIgnored(key)))
  const texts = [...beside, ...entries.filter(({ name }) => !named.has(keyOf(name)))].filter(
    ({ name }) => !isIgnored(name),
  )
  const added = fillForm(input, texts, schema)
  const { fields } = checkFields({ kind, input: {} })
  const parts = new Map(texts.flatMap((entry) => ('file' in entry ? [[entry.text, entry.file]] : [])))
  return { fields, input, nodes: nodes + added, parts: [...parts.values()], partOf: (text) => parts.get(text) }
}

async function read(
  request: Request,
  files: FileIntake,
  { model, config, isIgnored }: WholeInput & { isIgnored: (name: string) => boolean },
): Promise<Given> {
  const type = essenceOf(request.headers.get('content-type'))
  if (type === 'application/json') return readObject(await readBody(request, config.maxBodyBytes))
  if (type === 'application/x-www-form-urlencoded') {
    const maxBytes = Math.min(config.maxBodyBytes, LIMITS.bodyBytes)
    return formOf(parseUrlencoded(decodeUtf8(await readBody(request, maxBytes))))
  }
  if (type !== 'multipart/form-data') return formOf([])
  const parts = new FormParts(files, model, { fieldNames: new Set(), isIgnored })
  const { isField, onFile } = parts
  const fields = await readMultipart(request, { maxBytes: config.maxUploadBytes, takesFields: true, isField, onFile })
  return formOf(await parts.entries(model, fields))
}

const formOf = (entries: readonly FormEntry[]): Given => ({ json: {}, nodes: 1, entries })

/** A JSON value that is no object has no keys. */
function readObject(bytes: Uint8Array): Given {
  if (bytes.length === 0) return formOf([])
  const { value, nodes } = readJson(bytes)
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
  return { json: isObject ? (value as Record<string, unknown>) : {}, nodes, entries: [] }
}
