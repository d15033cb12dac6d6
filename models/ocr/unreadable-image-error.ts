/**
 * Says that a picture cannot be read, in words for whoever sent it. The job fails with `invalid_input`, and is not
 * retried.
 */
import { InvalidInputError } from '@millrace/model'

/** The input is no picture that can be decoded, or has too many pixels. */
export class UnreadableImageError extends InvalidInputError {
  constructor(cause: unknown) {
    // The decoder's own words hold nothing of the picture; later lines only repeat the first.
    const reason = (cause instanceof Error ? cause.message : String(cause)).split('\n', 1)[0]
    super(`/input/image: the image cannot be read: ${reason}`)
    this.name = 'UnreadableImageError'
    this.cause = cause
  }
}
