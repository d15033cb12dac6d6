/** How many bytes an input or output has, as they are counted for its tenant. Used by the stores in jobs/. */
import type { InputFile, JsonValue, Payload } from '@millrace/contracts'

/** The JSON text, and the files that lie in the object store. */
export const bytesOf = ({ value, files }: Payload<InputFile>): number =>
  bytesOfValue(value) + files.reduce((bytes, file) => bytes + ('size' in file ? file.size : 0), 0)

const bytesOfValue = (value: JsonValue): number =>
  'inline' in value ? Buffer.byteLength(value.inline) : value.stored.size
