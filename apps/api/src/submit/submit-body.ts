/**
 * What a submit asks for, once it has been read: the same whether it came as JSON, as a form, or from a caller in this
 * process. Made by read-submit.ts and by submitJob.
 */
import { type JobRequest, jobRequestSchema, type StoredFile } from '@millrace/contracts'
import type { z } from 'zod'
import { parseRequest } from '../http/request-faults.ts'
import { canonicalText, sha256 } from '../input/canonical-text.ts'

/** All fields of a request but its input, checked, with defaults. */
export type SubmitFields = Omit<JobRequest, 'input'>

/** The same as a caller gives them: what is left out has its default. */
export type GivenFields = Omit<z.input<typeof jobRequestSchema>, 'input'>

export interface SubmitBody {
  fields: SubmitFields
  /** As sent; at the place of each uploaded part stands a text that only this request knows. */
  input: Record<string, unknown>
  /** Values in the input. */
  nodes: number
  /** The uploaded part that a text in the input stands for. */
  partOf: (text: string) => StoredFile | undefined
  parts: StoredFile[]
}

/** The body that a JSON value amounts to. `nodes`: how many values it holds. Throws ProblemError `invalid_request`. */
export function jsonBody(value: unknown, nodes: number): SubmitBody {
  const { fields, input } = checkFields(value)
  return { fields, input, nodes, parts: [], partOf: () => undefined }
}

/** The fields of a request that has nothing but its input, as most have: they need no check. Nobody may change them. */
const { input: _, ...NO_FIELDS } = jobRequestSchema.parse({ input: {} })
Object.freeze(NO_FIELDS.metadata)

/** Checks the fields of a request and takes its input out as it is. Throws ProblemError `invalid_request`. */
export function checkFields(body: unknown): Pick<SubmitBody, 'fields' | 'input'> {
  const isObject = typeof body === 'object' && body !== null && !Array.isArray(body)
  const given: unknown = isObject && Object.hasOwn(body, 'input') ? (body as { input: unknown }).input : undefined
  const hasInput = typeof given === 'object' && given !== null && !Array.isArray(given)
  if (hasInput && Object.keys(body as object).length === 1) {
    return { fields: { ...NO_FIELDS }, input: given as Record<string, unknown> }
  }
  // The check makes a copy. The input is left out of it: the model's own schema checks that.
  const { input: _input, ...fields } = parseRequest(
    jobRequestSchema,
    hasInput ? { ...(body as object), input: {} } : body,
  )
  return { fields, input: given as Record<string, unknown> }
}

/** Equal for equal requests, whatever the order of keys or parts. Kept with the idempotency key. */
export function hashOfBody(model: string, { fields, input, parts, partOf }: SubmitBody): string {
  const files = parts.map(({ pointer, sha256: hash, content_type, name }) => ({ pointer, hash, content_type, name }))
  files.sort((a, b) => (a.pointer < b.pointer ? -1 : 1))
  return sha256(canonicalText({ model, request: fields, input, files }, (text) => (partOf(text) ? null : text)))
}
