/** All that a dialect knows of an event. Made by renderDialectWebhook, for the shape of each dialect. */
import type { JobRecord, WebhookFacts } from '@millrace/contracts'

export interface DialectEvent {
  facts: WebhookFacts
  /** As it was at the event: status, times and error are those of the facts. */
  record: JobRecord
  input: unknown
  /** Of a job that runs: the pieces so far. */
  output: unknown
  /** What it has printed so far, as far as it is known: each line ends with a line end. */
  logs: string
  /** The API as clients see it, without a slash at the end. */
  base: string
  owner: string
}
