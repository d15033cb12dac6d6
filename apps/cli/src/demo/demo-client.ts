/** The calls that the demo makes to the API: plain HTTP, as any client would make them. */
import { setTimeout as delay } from 'node:timers/promises'
import { type Job, jobSchema, problemSchema } from '@millrace/contracts'
import { CommandError } from '../command/command-error.ts'

export class DemoClient {
  readonly url: string
  readonly #apiKey: string | undefined
  readonly #signal: AbortSignal

  /** Aborting the signal ends every call. */
  constructor(url: string, apiKey: string | undefined, signal: AbortSignal) {
    this.url = url.replace(/\/+$/, '')
    this.#apiKey = apiKey
    this.#signal = signal
  }

  /** Resolves when a worker has loaded the model and takes jobs for it. */
  async modelReady(model: string): Promise<void> {
    for (;;) {
      const response = await this.#fetch(`/v1/models/${model}`)
      if (response.status !== 404 && !response.ok) throw await refusal(response)
      const state = response.ok ? ((await response.json()) as { workers?: number }) : undefined
      if (state && (state.workers ?? 0) > 0) return
      await delay(100, undefined, { signal: this.#signal })
    }
  }

  /** Submits a job with its files as parts. Each part has the name of its input field. */
  async submit(model: string, input: object, files: Record<string, { name: string; bytes: Buffer }>): Promise<Job> {
    const form = new FormData()
    form.set('input', JSON.stringify(input))
    for (const [field, { name, bytes }] of Object.entries(files)) {
      form.set(field, new Blob([new Uint8Array(bytes)], { type: 'image/png' }), name)
    }
    return jobSchema.parse(await this.#json(`/v1/models/${model}/jobs`, { method: 'POST', body: form }))
  }

  async job(id: string): Promise<Job> {
    return jobSchema.parse(await this.#json(`/v1/jobs/${id}`))
  }

  async output(job: Job): Promise<unknown> {
    return job.output ?? this.#json(`/v1/jobs/${job.id}/output`)
  }

  /** Fetches the bytes behind a signed address. */
  async bytes(url: string): Promise<Buffer> {
    const response = await fetch(new URL(url, this.url), { signal: this.#signal })
    if (!response.ok) throw await refusal(response)
    return Buffer.from(await response.arrayBuffer())
  }

  /** The submit as a command line to copy. It names the variable of the key and does not show the key. */
  curl(model: string, part: string): string {
    const key = this.#apiKey === undefined ? '' : `-H "Authorization: Bearer $MILLRACE_API_KEY" `
    return `curl ${key}-H 'Prefer: wait=30' -F ${part} ${this.url}/v1/models/${model}/jobs`
  }

  async #json(path: string, init?: RequestInit): Promise<unknown> {
    const response = await this.#fetch(path, init)
    if (!response.ok) throw await refusal(response)
    return response.json()
  }

  #fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = this.#apiKey === undefined ? undefined : { authorization: `Bearer ${this.#apiKey}` }
    return fetch(`${this.url}${path}`, { ...init, headers, signal: this.#signal })
  }
}

async function refusal(response: Response): Promise<CommandError> {
  const body = await response.text()
  const problem = problemSchema.safeParse(parseJson(body))
  const told = problem.success ? `${problem.data.title}. ${problem.data.detail}` : body.slice(0, 200)
  return new CommandError('demo', `${new URL(response.url).pathname} answered ${response.status}: ${told}`)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
