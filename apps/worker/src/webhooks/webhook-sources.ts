/** Where bodies in the shape of other platforms get records, values and addresses of files from. Called by assembleWorker. */
import { text } from 'node:stream/consumers'
import type { WebhookSources } from '@millrace/dialects'
import type { Queue } from '@millrace/queue'
import { type ObjectReader, StorageError } from '@millrace/storage'
import { FileSigner } from '@millrace/webhooks'

/** A larger value is left out: the receiver reads it. Bytes. */
const MOST_BYTES = 1024 * 1024

export function createWebhookSources(
  queue: Pick<Queue, 'upkeep' | 'fileSecret'>,
  objects: Pick<ObjectReader, 'get'>,
  owner: string,
): WebhookSources {
  const signer = new FileSigner(() => queue.fileSecret())
  return {
    owner,
    async record(id) {
      const found = await queue.upkeep.get(id)
      return found.outcome === 'found' ? found.record : undefined
    },
    async read({ key, size }) {
      if (size > MOST_BYTES) return undefined
      try {
        return await text(await objects.get(key))
      } catch (error) {
        if (error instanceof StorageError && error.fault === 'missing') return undefined
        throw error
      }
    },
    sign: async (fileId, expires) => (await signer.sign(fileId, expires)).path,
  }
}
