/**
 * Checks the input of a submit, has its job hold the files that it names, and puts away what is too large for the record.
 * Called by submitJob, which lets go of the files when this fails.
 */
import { type InputFile, type JsonValue, LIMITS, type Manifest, type Payload, replaceAt } from '@millrace/contracts'
import type { AddressGuard } from '@millrace/webhooks'
import { inputFault, invalidInput } from '../input/invalid-input.ts'
import type { Review } from '../hooks/review-submit.ts'
import { type CheckedInput, validateInput } from '../input/validate-input.ts'
import { parseFileReference } from './file-reference.ts'
import type { InputFiles } from './input-files.ts'
import { resolveInputFiles } from './resolve-input-files.ts'
import type { SubmitBody } from './submit-body.ts'

export interface InputTaker {
  model: Manifest
  tenant: string
  files: Omit<InputFiles, 'discard'>
  /** How addresses of this server begin; see linkBase. */
  base: string
  /** Judges addresses of files by their text. */
  guard: Pick<AddressGuard, 'check'>
  /** Shown the input once it fits; what it gives instead is checked again. Default: nobody looks at it. */
  review?: ((input: Record<string, unknown>) => Promise<Review['input']>) | undefined
  /** What to reject with when that does not fit. */
  onMisfit?: (error: unknown) => unknown
}

/** Throws ProblemError. */
export async function takeInput(body: SubmitBody, taker: InputTaker): Promise<Payload<InputFile>> {
  const { parts, partOf } = body
  const { files, base, guard } = taker
  const { input, places, accepts, secrets } = await reviewed(body, taker)
  const isPart = (text: string): boolean => partOf(text) !== undefined
  const inputFiles = await resolveInputFiles({ places, accepts, parts, isPart, files, base, guard })
  for (const pointer of places.keys()) replaceAt(input, pointer, null)
  return { value: await keepJson(JSON.stringify(input), files, secrets), files: inputFiles }
}

async function reviewed(body: SubmitBody, taker: InputTaker): Promise<CheckedInput> {
  const checked = await check(body, taker)
  const changed = await taker.review?.(checked.input)
  if (!changed) return checked
  const { value: input, nodes } = changed
  return check({ ...body, input, nodes }, taker).catch((error: unknown) => {
    throw taker.onMisfit?.(error) ?? error
  })
}

async function check(body: SubmitBody, { model, tenant, base }: InputTaker): Promise<CheckedInput> {
  const { nodes, parts, partOf, fields } = body
  const checked = await validateInput({
    manifest: model,
    kind: fields.kind,
    input: body.input,
    nodes: nodes + parts.length,
    tenant,
    partType: (text) => partOf(text)?.content_type,
    isReference: (text) => parseFileReference(text, base) !== undefined,
  })
  const strays = parts.filter(({ pointer }) => !checked.places.has(pointer))
  if (strays.length > 0) throw invalidInput(strays.map(({ pointer }) => inputFault(pointer, 'takes no file')))
  return checked
}

/** A small text stays in the record, with the places in it that are not to be shown. A large one goes to the store. */
async function keepJson(
  json: string,
  files: Pick<InputFiles, 'storeInput'>,
  secrets: ReadonlySet<string>,
): Promise<JsonValue> {
  if (Buffer.byteLength(json) <= LIMITS.inlineBytes) {
    return { inline: json, ...(secrets.size > 0 && { secrets: [...secrets] }) }
  }
  return { stored: await files.storeInput(json) }
}
