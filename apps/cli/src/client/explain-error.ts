/** Explains a refusal, or a server that does not answer, to a person at a terminal. Called by run-cli.ts. */
import type { ApiError, ConnectionError } from '@millrace/client'
import { plainText } from '../terminal/plain-text.ts'
import { typed } from '../command/typed.ts'

/** The refusal, then one line per fault. */
export function explainRefusal(error: ApiError): string[] {
  const faults = error.errors.map(({ path, message }) => `${path || '/'}: ${message}`)
  const hidden = error.errorsTotal - faults.length
  return [
    `${error.title.replace(/\.$/, '')}. ${error.detail}`,
    ...faults,
    ...(hidden > 0 ? [`and ${hidden} more`] : []),
    ...hintOf(error),
  ].map((line) => plainText(line))
}

function hintOf({ code, status, requestId }: ApiError): string[] {
  if (code === 'unauthorized') return ['The key is taken from MILLRACE_API_KEY.']
  if (code === 'model_not_found') return [`\`${typed('models')}\` lists what is there.`]
  return status >= 500 && requestId !== undefined ? [`Request ${requestId}`] : []
}

export const explainSilence = ({ url, message }: ConnectionError): string =>
  `${plainText(message)}\nStart a server with \`${typed('dev')}\`, or name another one with --url or MILLRACE_URL (asked: ${url}).`
