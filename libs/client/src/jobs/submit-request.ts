/** Makes the request of a submit. Called by create-client.ts. */
import { uploadBody } from '#upload-body'
import type { SubmitOptions } from '../call-options.ts'
import { jsonBody } from '../http/request-body.ts'
import type { Send } from '../http/sender.ts'
import { splitUploads } from '../files/upload.ts'

/** JSON, or multipart if the input contains a file. Every try sends the same idempotency key. `isDry`: nothing is to be kept. */
export async function submitRequest(
  model: string,
  input: unknown,
  options: SubmitOptions,
  { isDry = false } = {},
): Promise<Send> {
  const { signal, retries, idempotencyKey = randomKey(), ...fields } = options
  const { value, uploads } = splitUploads(input)
  const body =
    uploads.length === 0
      ? jsonBody({ input: value, ...fields })
      : await uploadBody({ input: JSON.stringify(value), ...textsOf(fields) }, uploads)
  return {
    method: 'POST',
    path: `/v1/models/${encodeURIComponent(model)}/jobs${isDry ? '?dry_run=true' : ''}`,
    headers: { 'idempotency-key': idempotencyKey },
    body,
    signal,
    retries,
    ...(uploads.length === 0 ? { withinMs: 30_000 } : {}),
  }
}

function textsOf(fields: object): Record<string, string> {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined)
  return Object.fromEntries(
    given.map(([name, value]: [string, unknown]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]),
  )
}

/** 128 random bits. `randomUUID` is not used because pages without TLS do not have it. */
function randomKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
