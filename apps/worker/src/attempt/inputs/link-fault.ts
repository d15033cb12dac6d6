/** How an attempt ends when a file that its input names by address does not come. Called by resolve-links.ts. */
import type { LinkedFile } from '@millrace/contracts'
import { FileRefusedError, StorageError } from '@millrace/storage'
import { type FetchErrorCode, GuardedFetchError } from '@millrace/webhooks'
import { AttemptEnded, failed } from '../attempt-outcome.ts'

/** Of the address itself nothing is said: its query may be a secret. */
export function linkFault(file: LinkedFile, error: unknown): unknown {
  if (error instanceof FileRefusedError) return refused(file, error.code, error.message)
  if (error instanceof GuardedFetchError) return error.retryable ? silent(file, error) : refusedFetch(file, error)
  if (!(error instanceof StorageError)) return error
  const details = { pointer: file.pointer, faults: [error.fault] }
  const message = 'A file that the input names by address could not be written to the object store.'
  return new AttemptEnded(failed({ blame: 'platform', code: 'input_unavailable', message, details }), { cause: error })
}

const FORBIDDEN: readonly FetchErrorCode[] = ['address_not_allowed', 'insecure_redirect', 'too_many_redirects']

function refusedFetch(file: LinkedFile, { code, status, message }: GuardedFetchError): AttemptEnded {
  if (FORBIDDEN.includes(code)) return refused(file, 'input_url_forbidden', message)
  if (code === 'too_large') return refused(file, 'input_url_too_large', message)
  if (status === undefined) return refused(file, 'input_url_refused', message)
  return refused(file, 'input_url_not_found', `the server answered ${status}`, { status })
}

export function refused(file: LinkedFile, code: string, why: string, more: object = {}): AttemptEnded {
  const message = `The file at ${file.pointer} cannot be taken: ${why}.`
  const details = { code, pointer: file.pointer, ...more }
  return new AttemptEnded(failed({ blame: 'final', code: 'invalid_input', message, details }))
}

/** It may answer later: tried again a few times, with growing delay. */
function silent(file: LinkedFile, { code, status, message: why }: GuardedFetchError): AttemptEnded {
  const message = `The file at ${file.pointer} could not be fetched: ${why}${status ? ` but with ${status}` : ''}.`
  const details = { code: 'input_url_unavailable', pointer: file.pointer, faults: [code], ...(status && { status }) }
  return new AttemptEnded(failed({ blame: 'source', code: 'input_unavailable', message, details }))
}
