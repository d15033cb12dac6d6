/** What the code needs that takes uploads in. Used in this folder. */
import type { ApiDeps } from '../http/api-deps.ts'
import type { FileSigner } from '@millrace/webhooks'

export type UploadDeps = Pick<ApiDeps, 'files' | 'objects' | 'config' | 'logger' | 'memoryPressure'> & {
  signer: FileSigner
}
