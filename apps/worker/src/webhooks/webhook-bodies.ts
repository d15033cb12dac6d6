/**
 * The bodies of webhooks: ours, or in the shape of another platform, with what else its receivers check. Used by the dispatcher and by
 * the messages of running jobs.
 */
import type { JobRecord, WebhookFacts, WebhookFormat } from '@millrace/contracts'
import { type FalWebhookKey, renderDialectWebhook, type WebhookSources } from '@millrace/dialects'
import type { LeasedDelivery } from '@millrace/queue'
import { type Delivery, renderDeliveryBody, renderWebhookBody } from '@millrace/webhooks'

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
  /** What it has printed so far. */
  logs: string
}

export class WebhookBodies {
  readonly #sources: WebhookSources | undefined
  readonly #falKey: Pick<FalWebhookKey, 'sign'> | undefined

  /** Without sources all bodies are ours. */
  constructor(sources: WebhookSources | undefined, falKey?: Pick<FalWebhookKey, 'sign'>) {
    this.#sources = sources
    this.#falKey = falKey
  }

  /** Of a delivery; the same on every try. Undefined when the job was purged. */
  async of(delivery: Told): Promise<string | undefined> {
    const { facts, jobId, publicUrl, format } = delivery
    if (format === undefined || facts === null || jobId === null || !this.#sources) return renderDeliveryBody(delivery)
    return renderDialectWebhook({ format, jobId, facts, publicUrl }, this.#sources)
  }

  /** What signs its tries beside our own signature; undefined: nothing does. */
  signer(
    { format, jobId, tenant }: Pick<LeasedDelivery, 'format' | 'jobId' | 'tenant'>,
    body: string,
  ): Delivery['sign'] {
    const key = this.#falKey
    if (format !== 'fal' || jobId === null || !key) return undefined
    return (timestampSeconds) => key.sign({ requestId: jobId, userId: tenant, timestampSeconds, body })
  }

  /** Of a message about a job that runs. */
  async live({ record, facts, publicUrl, format, pieces, logs }: LiveTelling): Promise<string | undefined> {
    if (format === undefined || !this.#sources) return renderWebhookBody(facts, record, publicUrl)
    const sources = { ...this.#sources, record: async () => record }
    return renderDialectWebhook({ format, jobId: record.id, facts, publicUrl, pieces, logs }, sources)
  }
}
