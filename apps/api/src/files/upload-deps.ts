/** What the files of this folder are handed that take uploads in. */
import type { ApiDeps } from '../http/api-deps.ts'
import type { FileSigner } from '../views/file-signer.ts'

export type UploadDeps = Pick<ApiDeps, 'files' | 'objects' | 'config' | 'logger' | 'memoryPressure'> & {
  signer: FileSigner
}
