/** The body that each try of a delivery sends, in whatever shape. Called by the routes of deliveries. */
import { logsOf, renderDialectWebhook } from '@millrace/dialects'
import { createLogPages, eventsOf, type ToldDelivery } from '@millrace/queue'
import { type FileSigner, renderDeliveryBody } from '@millrace/webhooks'
import type { ApiDeps } from '../http/api-deps.ts'
import { readText } from '../views/read-text.ts'

export interface BodyDeps extends Pick<ApiDeps, 'jobs' | 'objects'> {
  config: Pick<ApiDeps['config'], 'replicateOwner'>
  signer: FileSigner
}

/** Undefined when the job was purged. */
export async function deliveryBody(
  { jobs, objects, config, signer }: BodyDeps,
  delivery: ToldDelivery,
  tenant: string,
): Promise<string | undefined> {
  const { format, facts, jobId, publicUrl } = delivery
  if (format === undefined || facts === null || jobId === null) return renderDeliveryBody(delivery)
  const read = readText(objects)
  return renderDialectWebhook(
    { format, jobId, facts, publicUrl },
    {
      owner: config.replicateOwner,
      async record(id) {
        const found = await jobs.get(id, { tenant })
        return found.outcome === 'found' ? found.record : undefined
      },
      read: ({ key }) => read(key),
      sign: async (fileId, expires) => (await signer.sign(fileId, expires)).path,
      signOutput: (id, expires) => signer.outputPath(id, expires),
      logs: ({ id }) => logsOf(eventsOf(createLogPages(jobs, read), id, { tenant })),
    },
  )
}
