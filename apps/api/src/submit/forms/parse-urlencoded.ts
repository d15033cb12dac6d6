/** Reads `application/x-www-form-urlencoded`, and refuses broken text instead of mending it. Called by read-submit.ts. */
import { ProblemError } from '@millrace/contracts'
import type { FormEntry } from './form-input.ts'

const MOST_FIELDS = 1000

/** Names and values in their order. Throws ProblemError. */
export function parseUrlencoded(text: string): FormEntry[] {
  if (/^\s*[{[]/.test(text)) {
    const detail = 'This is JSON, sent as a form: send it with `Content-Type: application/json`.'
    throw new ProblemError('unsupported_media_type', { detail })
  }
  const pairs = text.split('&', MOST_FIELDS + 1).filter((pair) => pair !== '')
  if (pairs.length > MOST_FIELDS) {
    throw new ProblemError('json_too_large', { detail: `At most ${MOST_FIELDS} fields are taken in a form.` })
  }
  return pairs.map((pair) => {
    const equals = pair.indexOf('=')
    const [name, value] = equals < 0 ? [pair, ''] : [pair.slice(0, equals), pair.slice(equals + 1)]
    return { name: decoded(name), bytes: Buffer.from(decoded(value)) }
  })
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    throw new ProblemError('invalid_utf8', { detail: 'A field is not percent-encoded UTF-8.' })
  }
}
