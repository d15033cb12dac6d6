/**
 * What happens to a job as the server-sent events of Cog's HTTP server: `start`, `log`, `output`, and `completed` at any end. One for
 * each stream, because chunks are numbered. Called by the API.
 */
import type { JobEvent } from '@millrace/contracts'

export class CogEvents {
  readonly #id: string
  #index = 0

  /** `id`: what the client calls the prediction. */
  constructor(id: string) {
    this.#id = id
  }

  /** Empty for what Cog does not tell. Another try begins with another `start`, and its chunks count from zero. */
  text(event: JobEvent): string {
    if (event.type === 'status' && event.status === 'running') {
      this.#index = 0
      return frame('start', { id: this.#id, status: 'processing' })
    }
    if (event.type === 'log') {
      const source = event.level === 'warn' || event.level === 'error' ? 'stderr' : 'stdout'
      return frame('log', { data: `${event.message}\n`, source })
    }
    if (event.type === 'output') return frame('output', { chunk: event.chunk, index: this.#index++ })
    return ''
  }

  /** `json`: the prediction. A line may end between two values of it. */
  completed(json: string): string {
    return `event: completed\ndata: ${json.replaceAll(/[\r\n]/g, ' ')}\n\n`
  }
}

const frame = (type: string, data: unknown): string => `event: ${type}\ndata: ${JSON.stringify(data)}\n\n`
