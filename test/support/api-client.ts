/**
 * Speaks to the API without our own client, so that a test sees what any client would. Called by tests with a whole
 * stack.
 */
import type { Job } from '@millrace/contracts'
import { until } from './until.ts'

/** The HTTP API as a test speaks to it: plain requests, plain answers. */
export class ApiClient {
  readonly url: string

  constructor(url: string) {
    this.url = url
  }

  request(path: string, init?: RequestInit): Promise<Response> {
    return fetch(new URL(path, this.url), init)
  }

  submit(model: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
    const sent = { 'content-type': 'application/json', ...headers }
    return this.request(`/v1/models/${model}/jobs`, { method: 'POST', headers: sent, body: JSON.stringify(body) })
  }

  /** Submits a job and expects that it is accepted. */
  async accepted(model: string, input: unknown, more: object = {}): Promise<Job> {
    const response = await this.submit(model, { input, ...more })
    const text = await response.text()
    if (response.status !== 202) throw new Error(`submit answered ${response.status}: ${text}`)
    return JSON.parse(text) as Job
  }

  async job(id: string, query = ''): Promise<Job> {
    const response = await this.request(`/v1/jobs/${id}${query}`)
    if (!response.ok) throw new Error(`job answered ${response.status}: ${await response.text()}`)
    return (await response.json()) as Job
  }

  /** Waits until the job has ended, by long polls. */
  async finished(id: string, timeoutMs = 60_000): Promise<Job> {
    return until(
      `${id} ends`,
      async () => {
        const job = await this.job(id, '?wait=5')
        return ['succeeded', 'failed', 'canceled'].includes(job.status) ? job : undefined
      },
      { timeoutMs },
    )
  }

  async run(model: string, input: unknown, more: object = {}): Promise<Job> {
    return this.finished((await this.accepted(model, input, more)).id)
  }

  /** Waits until workers have loaded the model. */
  async ready(model: string): Promise<void> {
    await until(
      `${model} is ready`,
      async () => {
        const response = await this.request(`/v1/models/${model}`)
        return response.ok && ((await response.json()) as { workers: number }).workers > 0
      },
      { timeoutMs: 60_000, everyMs: 100 },
    )
  }
}
