/** An uploaded file as the API shows it. Called by the routes of files. */
import type { UploadedFile } from '@millrace/contracts'
import type { KeptFile } from '@millrace/queue'
import type { FileSigner } from '@millrace/webhooks'
import { fileView } from './job-view.ts'

/** With a fresh signed address. `base`: how addresses begin. */
export async function keptFileView(file: KeptFile, signer: FileSigner, base: string): Promise<UploadedFile> {
  const view = await fileView({ ...file, content_type: file.contentType }, { signer, base })
  const { keptUntil } = file
  return { ...view, kept_until: keptUntil === null ? null : new Date(keptUntil).toISOString() }
}
