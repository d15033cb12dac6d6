/**
 * What the chaos model must answer, as a function of its input and of the attempt that ran. The model makes it, and
 * judge-job.ts makes it again to compare.
 */
import { createHash } from 'node:crypto'

/** f(input): the part of the output that every attempt must agree on. */
export const answerOf = (n: number): string => createHash('sha256').update(`chaos ${n}`).digest('hex')

/** What makes an output large: so many characters. */
export const padOf = (n: number, chars: number): string =>
  answerOf(n)
    .repeat(Math.ceil(chars / 64))
    .slice(0, chars)

export interface FileOrigin {
  n: number
  /** The attempt that wrote it. */
  attempt: number
  /** Unique per run of the model. */
  nonce: string
}

/** Bytes of the output file: says who wrote it, then fills up to `size` with what only this run writes. */
export function fileOf({ n, attempt, nonce }: FileOrigin, size: number): Buffer {
  const line = `${JSON.stringify({ n, attempt, nonce })}\n`
  return Buffer.alloc(size, line)
}
