/** The bodies of webhooks: ours, or in the shape of another platform. Used by the dispatcher and by the messages of running jobs. */
import type { JobRecord, WebhookFacts, WebhookFormat } from '@millrace/contracts'
import { renderDialectWebhook, type WebhookSources } from '@millrace/dialects'
import type { LeasedDelivery } from '@millrace/queue'
import { renderDeliveryBody, renderWebhookBody } from '@millrace/webhooks'

type Told = Pick<
  LeasedDelivery,
  'facts' | 'body' | 'record' | 'publicUrl' | 'createdAt' | 'endpointId' | 'jobId' | 'format'
>

export interface LiveTelling {
  record: JobRecord
  facts: WebhookFacts
  publicUrl: string
  /** Undefined: ours. */
  format: WebhookFormat | undefined
  /** What the model has given so far. */
  pieces: readonly unknown[]
}

export class WebhookBodies {
  readonly #sources: WebhookSources | undefined

  /** Without sources all bodies are ours. */
  constructor(sources: WebhookSources | undefined) {
    this.#sources = sources
  }

  /** Of a delivery; the same on every try. Undefined when the job was purged. */
  async of(delivery: Told): Promise<string | undefined> {
    const { facts, jobId, publicUrl, format } = delivery
    if (format === undefined || facts === null || jobId === null || !this.#sources) return renderDeliveryBody(delivery)
    return renderDialectWebhook({ format, jobId, facts, publicUrl }, this.#sources)
  }

  /** Of a message about a job that runs. */
  async live({ record, facts, publicUrl, format, pieces }: LiveTelling): Promise<string | undefined> {
    if (format === undefined || !this.#sources) return renderWebhookBody(facts, record, publicUrl)
    const sources = { ...this.#sources, record: async () => record }
    return renderDialectWebhook({ format, jobId: record.id, facts, publicUrl, pieces }, sources)
  }
}
