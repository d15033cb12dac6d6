/** `file()`: the schema of a file in a model's input or output. */
import { z } from 'zod'
import { isModelFile, type ModelFile } from './model-file.ts'

/**
 * A file, in an input or an output. In an input the model gets a `ModelFile`; in an output it returns the one that
 * `ctx.file()` gave. The content type is what the manifest tells callers, such as `image/*`; bytes are not looked at.
 * @example z.object({ image: file('image/*'), mask: file('image/png').nullable() })
 */
export function file(contentType = 'application/octet-stream') {
  return z
    .custom<ModelFile>(isModelFile, { error: 'expected a file' })
    .meta({ format: 'file', contentMediaType: contentType })
}
