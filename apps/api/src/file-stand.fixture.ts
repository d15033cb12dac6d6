/** Who holds which bytes, in a map: for tests of the HTTP edge. The real one is tested against real Redis. */
import { blobKey } from '@millrace/contracts'
import type { FileFacts, FileStore, HeldFile, KeepResult, WrittenBlob } from '@millrace/queue'

export function createFileStand(): FileStore {
  const blobs = new Map<string, { object: string; size: number; holders: Set<string> }>()
  const files = new Map<string, FileFacts & { tenant: string; sha256: string; size: number }>()

  const keep = async (tenant: string, holder: string, { object, size, sha256 }: WrittenBlob): Promise<KeepResult> => {
    const blob = blobs.get(`${tenant} ${sha256}`) ?? { object, size, holders: new Set<string>() }
    blobs.set(`${tenant} ${sha256}`, blob)
    blob.holders.add(holder)
    return { outcome: 'kept', blob: { key: blobKey(tenant, blob.object), size, sha256 } }
  }
  const isThere = (tenant: string, sha256: string) => blobs.has(`${tenant} ${sha256}`)
  return {
    keep,
    adopt: async (tenant, job, { sha256, size }) => {
      if (!isThere(tenant, sha256)) return undefined
      const kept = await keep(tenant, job, { object: '', sha256, size })
      return kept.outcome === 'kept' ? kept.blob : undefined
    },
    keepFile: async (tenant, id, blob, { name, contentType }) => {
      files.set(id, { tenant, name, contentType, sha256: blob.sha256, size: blob.size })
      return keep(tenant, id, blob)
    },
    adoptFile: async () => false,
    announce: async () => undefined,
    list: async () => ({ files: [], more: false }),
    get: async (id, reader) => {
      const file = files.get(id)
      if (!file || (reader !== 'signed' && file.tenant !== reader.tenant)) return undefined
      const key = blobKey(file.tenant, blobs.get(`${file.tenant} ${file.sha256}`)?.object ?? '')
      return { status: 'ready', id, key, createdAt: 0, keptUntil: 0, ...file }
    },
    hold: async (tenant, job, hashes, ids) => {
      if (!hashes.every((sha256) => isThere(tenant, sha256))) return { outcome: 'lost' }
      const held: HeldFile[] = []
      for (const id of ids) {
        const file = files.get(id)
        if (!file || file.tenant !== tenant) return { outcome: 'missing', file: id }
        const { name, contentType, sha256, size } = file
        const kept = await keep(tenant, job, { object: '', sha256, size })
        if (kept.outcome === 'kept') held.push({ ...kept.blob, name, contentType })
      }
      return { outcome: 'held', files: held }
    },
    release: async (tenant, holder) => {
      files.delete(holder)
      const dropped: string[] = []
      for (const [name, blob] of blobs) {
        if (blob.holders.delete(holder) && blob.holders.size === 0) {
          blobs.delete(name)
          dropped.push(blobKey(tenant, blob.object))
        }
      }
      return dropped
    },
    letGo: async () => [],
    deleted: async () => undefined,
  }
}
