/** Makes a file at once of an announced one whose bytes the tenant has already. Called by announceUpload. */
import type { UploadId } from '@millrace/contracts'
import type { FileFacts } from '@millrace/queue'
import { inspectObject } from '@millrace/storage'
import type { UploadDeps } from './upload-deps.ts'
import { eraseFile, refusals } from './receive-upload.ts'

interface Adoption extends FileFacts {
  tenant: string
  id: UploadId
  size: number
  sha256: string
}

/**
 * False when the tenant does not have these bytes. They were inspected when they came, but perhaps as something else: throws
 * ProblemError `file_refused` when they are not of the type that is announced now.
 */
export async function adoptUpload(
  deps: UploadDeps,
  { tenant, id, size, sha256, ...facts }: Adoption,
): Promise<boolean> {
  const { files, objects, config } = deps
  const bytes = { size, sha256 }
  if (!(await files.adoptFile(tenant, id, bytes, facts))) return false
  const file = await files.get(id, { tenant })
  if (file?.status !== 'ready') return false
  try {
    const rules = { contentType: facts.contentType, maxPixels: config.maxImagePixels }
    const contentType = await refusals(inspectObject(objects, file.key, rules))
    if (contentType !== facts.contentType) await files.adoptFile(tenant, id, bytes, { ...facts, contentType })
    return true
  } catch (error) {
    await eraseFile(deps, { tenant, id }).catch((cause: unknown) =>
      deps.logger.warn({ err: cause }, 'a file was left over'),
    )
    throw error
  }
}
