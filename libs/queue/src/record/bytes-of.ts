/** How many bytes an input or output has, as they are counted for its tenant. Used by the stores in jobs/. */
import type { InputFile, Payload } from '@millrace/contracts'

/** The JSON text, and the files that lie in the object store. */
export const bytesOf = (payload: Payload<InputFile>): number =>
  storedBytesOf(payload) + ('inline' in payload.value ? Buffer.byteLength(payload.value.inline) : 0)

/** Only what lies in the object store. */
export const storedBytesOf = ({ value, files }: Payload<InputFile>): number =>
  files.reduce((bytes, file) => bytes + ('size' in file ? file.size : 0), 'stored' in value ? value.stored.size : 0)
