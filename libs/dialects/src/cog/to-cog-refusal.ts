/** A problem as Cog's HTTP server tells it: `detail`, with a place for each fault of an input. Called by the API. */
import type { Fault, Problem } from '@millrace/contracts'

/** One fault, as its 0.16 writes them: the words are pydantic's where it has some. */
interface CogFault {
  type: string
  loc: (string | number)[]
  msg: string
}

export interface CogRefusal {
  status?: number
  body: { detail: string | CogFault[]; error?: string; status?: 'failed' }
}

/** What pydantic calls the rules of a JSON Schema, and how it tells them. `$`: the limit. */
const RULES: Record<string, readonly [type: string, msg: string]> = {
  required: ['missing', 'Field required'],
  maximum: ['less_than_equal', 'Input should be less than or equal to $'],
  exclusiveMaximum: ['less_than', 'Input should be less than $'],
  minimum: ['greater_than_equal', 'Input should be greater than or equal to $'],
  exclusiveMinimum: ['greater_than', 'Input should be greater than $'],
  maxLength: ['string_too_long', 'String should have at most $ characters'],
  minLength: ['string_too_short', 'String should have at least $ characters'],
}

export function toCogRefusal({ code, status, title, detail, errors }: Problem): CogRefusal {
  if (code === 'malformed_json') {
    return { status: 422, body: { detail: [{ type: 'json_invalid', loc: ['body', 0], msg: 'JSON decode error' }] } }
  }
  if (errors && errors.length > 0) return { status: 422, body: { detail: errors.map(toCogFault) } }
  if (code === 'model_not_found' || code === 'not_found' || code === 'kind_not_supported') {
    return { status: 404, body: { detail: 'Not Found' } }
  }
  if (status === 405) return { body: { detail: 'Method Not Allowed' } }
  const told = `${title}. ${detail}`
  const isTaken = code === 'idempotency_mismatch'
  // Its newer versions name what they have no place for in `error`.
  return { ...(isTaken && { status: 409 }), body: { detail: told, error: told, status: 'failed' } }
}

function toCogFault({ path, code, message }: Fault): CogFault {
  const steps = path.split('/').slice(1)
  const loc = ['body', ...steps.map((step) => (/^\d+$/.test(step) ? Number(step) : plain(step)))]
  const [type, msg] = RULES[code] ?? ['value_error', message]
  const limit = /-?\d[\d.e+-]*/i.exec(message)?.[0]
  if (!msg.includes('$')) return { type, loc, msg }
  return { type, loc, msg: limit === undefined ? message : msg.replace('$', limit) }
}

const plain = (step: string): string => step.replaceAll('~1', '/').replaceAll('~0', '~')
