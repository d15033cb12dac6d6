/**
 * Why a model could not be loaded, for everybody who may see the model: one short line, without what looks like a secret. Called for
 * what a worker tells of its models; operators read the whole reason in its entry.
 */
import { cutText } from '@millrace/contracts'

const MOST_CHARS = 200

/** What is hidden, and what stays of it. */
const SECRETS: readonly (readonly [RegExp, string])[] = [
  [/\/\/[^\s/@]+@/g, '//***@'],
  [/\b(Bearer|Basic)\s+\S+/gi, '$1 ***'],
  [/((?:key|token|secret|passw(?:or)?d|credential)[\w-]*["']?=["']?)[^\s"'&,;]+/gi, '$1***'],
  [/((?:key|token|secret|passw(?:or)?d|credential)[\w-]*["']?:\s*["']?)(?=[^\s"'&,;]*\d)[^\s"'&,;]{6,}/gi, '$1***'],
  [/\b(hf_|sk-|gh[pousr]_|AKIA|xox[a-z]-)[\w-]{8,}/g, '$1***'],
]

export function publicReason(text: string): string {
  const lines = text.split(/[\r\n\u2028\u2029]+/).map((line) => line.replace(/\p{Cc}/gu, ' ').trim())
  const line = lines.find((one) => one !== '') ?? ''
  return cutText(
    SECRETS.reduce((shown, [secret, kept]) => shown.replace(secret, kept), line),
    MOST_CHARS,
  )
}
