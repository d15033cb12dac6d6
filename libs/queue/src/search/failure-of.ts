/** What kind of failure a failed job is: jobs of one model and version that failed alike have the same. Called by filters and findFailures. */
import { createHash } from 'node:crypto'
import { base32, cutText, type FailureGroup, type JobRecord } from '@millrace/contracts'

export type Failure = Pick<FailureGroup, 'id' | 'model' | 'version' | 'code' | 'message'>

/** Of a message, so much counts. Characters. */
const GIST_CHARS = 300

/** Undefined for a job that did not fail. */
export function failureOf({
  status,
  error,
  model,
  version,
}: Pick<JobRecord, 'status' | 'error' | 'model' | 'version'>): Failure | undefined {
  if (status !== 'failed' || error === null) return undefined
  const { code } = error
  const message = gistOf(error.message)
  const digest = createHash('sha256')
    .update(JSON.stringify([model, version, code, message]))
    .digest()
  return { id: `fail_${base32(digest.subarray(0, 26))}`, model, version, code, message }
}

/** Ids, hashes and times: long runs of letters and digits with a digit in them. */
const IDS = /(?<![\p{L}\p{N}_])(?=[\w-]*\d)[\w-]{10,}(?![\p{L}\p{N}_])/gu
/** `0x7f12`, other hexadecimal numbers, and the names of temporary files in Python. */
const HEX = /\b0x[0-9a-f]+|\b(?=[a-f]*\d)[0-9a-f]{6,}\b|\btmp\w{8}\b/gi
/** With their thousands and decimals. */
const NUMBERS = /\d+(?:[.,_]\d+)*/g

/** A message without what differs from job to job. */
function gistOf(message: string): string {
  // Cut before as well: the message is a model's, and may be of any kind.
  const text = message.slice(0, 4 * GIST_CHARS)
  const gist = text.replace(IDS, '#').replace(HEX, '#').replace(NUMBERS, '#').replaceAll(/\s+/g, ' ').trim()
  return cutText(gist, GIST_CHARS)
}
