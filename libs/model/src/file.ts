/** `file()`: the schema of a file in a model's input or output. Called by authors of models. */
import { z } from 'zod'
import { isModelFile, type ModelFile } from './model-file.ts'

/**
 * The schema of a file. As input the model gets a `ModelFile`; as output it returns the one that `ctx.file()` made. The
 * content type, such as `image/*`, is shown to callers in the manifest; the bytes are not checked against it.
 * @example z.object({ image: file('image/*'), mask: file('image/png').nullable() })
 */
export function file(contentType = 'application/octet-stream') {
  return z
    .custom<ModelFile>(isModelFile, { error: 'expected a file' })
    .meta({ format: 'file', contentMediaType: contentType })
}
