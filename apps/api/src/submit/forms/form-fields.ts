/** Fields of the request that a form may carry beside the input, and how their bytes are read. Used by read-submit.ts and FormParts. */
import { decodeUtf8, readJson } from '../../http/body/read-json.ts'

export const FIELDS: Readonly<Record<string, (bytes: Buffer) => unknown>> = {
  metadata: (bytes) => readJson(bytes, '/metadata').value,
  kind: decodeUtf8,
  webhook: decodeUtf8,
  webhook_events: toEvents,
  version: decodeUtf8,
  priority: decodeUtf8,
  run_at: decodeUtf8,
  expires_in: toNumber,
  reject_if_late: toTruth,
  timeout: toNumber,
  keep_for: toNumber,
  max_attempts: toNumber,
}

export const FIELD_NAMES: ReadonlySet<string> = new Set(['input', ...Object.keys(FIELDS)])

function toTruth(bytes: Buffer): unknown {
  const text = decodeUtf8(bytes).trim()
  return text === 'true' || text === 'false' ? text === 'true' : text
}

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
