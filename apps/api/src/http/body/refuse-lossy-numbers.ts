/** Numbers in JSON that JavaScript would change while it reads them. Called by readJson. */
import { type Fault, findLossyNumbers, LIMITS, lossyNumberMessage, pointerTo, ProblemError } from '@millrace/contracts'

/**
 * Throws ProblemError `invalid_request` when well-formed JSON text holds a number that would not be kept as it is.
 *
 * @param at Pointer of the text's value in the request.
 */
export function refuseLossyNumbers(text: string, at: string): void {
  const found = findLossyNumbers(text, LIMITS.faultsShown)
  if (found.length === 0) return
  // The parser tells where they stand: each is replaced by a text that cannot occur in the rest.
  const mark = `${crypto.randomUUID()}:`
  let marked = ''
  let from = 0
  for (const { index, number } of found) {
    marked += `${text.slice(from, index)}"${mark}${number}"`
    from = index + number.length
  }
  const errors = [...faultsIn(JSON.parse(marked + text.slice(from)), at, mark)]
  throw new ProblemError('invalid_request', { errors })
}

function* faultsIn(value: unknown, path: string, mark: string): Generator<Fault> {
  if (typeof value === 'string' && value.startsWith(mark)) {
    yield { path, code: 'lossy_number', message: lossyNumberMessage(value.slice(mark.length)) }
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) yield* faultsIn(item, pointerTo(path, key.slice(0, 100)), mark)
  }
}
