/**
 * Says why a picture is not taken, in words for whoever sent it. The job fails with `invalid_input`, and is not
 * retried.
 */
import { InvalidInputError } from '@millrace/model'

/** The input is no picture that can be decoded, or has too many pixels. */
export class RefusedImageError extends InvalidInputError {
  constructor(reason: string, options: { cause?: unknown } = {}) {
    super(`/input/image: ${reason}`)
    this.name = 'RefusedImageError'
    this.cause = options.cause
  }
}
