/** Where bodies in the shape of other platforms get records, values, logs and addresses from. Called by assembleWorker. */
import { text } from 'node:stream/consumers'
import { logsOf, type WebhookSources } from '@millrace/dialects'
import { createLogPages, eventsOf, type Queue } from '@millrace/queue'
import { type ByteRange, type ObjectReader, StorageError } from '@millrace/storage'
import { FileSigner } from '@millrace/webhooks'

export function createWebhookSources(
  queue: Pick<Queue, 'upkeep' | 'jobs' | 'fileSecret'>,
  objects: Pick<ObjectReader, 'get'>,
  owner: string,
): WebhookSources {
  const signer = new FileSigner(() => queue.fileSecret())
  /** Undefined: the object is gone. */
  const read = async (key: string, range?: ByteRange): Promise<string | undefined> => {
    try {
      return await text(await objects.get(key, range))
    } catch (error) {
      if (error instanceof StorageError && error.fault === 'missing') return undefined
      throw error
    }
  }
  const pages = createLogPages(queue.jobs, read)
  return {
    owner,
    async record(id) {
      const found = await queue.upkeep.get(id)
      return found.outcome === 'found' ? found.record : undefined
    },
    read: ({ key }) => read(key),
    sign: async (fileId, expires) => (await signer.sign(fileId, expires)).path,
    signOutput: (id, expires) => signer.outputPath(id, expires),
    logs: ({ id, tenant }) => logsOf(eventsOf(pages, id, { tenant })),
  }
}
