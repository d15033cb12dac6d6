/** An uploaded file as the API shows it. Called by the routes of files. */
import type { UploadedFile } from '@millrace/contracts'
import type { KeptFile } from '@millrace/queue'
import type { FileSigner } from '@millrace/webhooks'

/** With a fresh signed address. `base`: how addresses begin. */
export async function keptFileView(file: KeptFile, signer: FileSigner, base: string): Promise<UploadedFile> {
  const { id, contentType, size, sha256, name, keptUntil } = file
  const { path, expiresAt } = await signer.sign(id)
  return {
    object: 'file',
    id,
    url: `${base}${path}`,
    content_type: contentType,
    size,
    sha256,
    name,
    expires_at: expiresAt.toISOString(),
    kept_until: keptUntil === null ? null : new Date(keptUntil).toISOString(),
  }
}
