/** An API over a real Redis and a folder of its own, with a runner of batches that a test drives step by step. Used by the tests of batches. */
import { type Batch, type BatchResult, jobPrefix, manifestSchema } from '@millrace/contracts'
import { lineOfContract, type Queue } from '@millrace/queue'
import { runJobs } from '../../../../test/support/run-jobs.ts'
import { until } from '../../../../test/support/until.ts'
import type { ApiDeps } from '../http/api-deps.ts'
import { type KeyedApi, openKeyedApi, ROOT } from '../keyed-api.fixture.ts'
import { ROW_FORMATS } from '../dialects/row-formats.ts'
import type { BatchRunner } from './batch-runner.ts'
import { type BatchRunnerOptions, createBatchRunner } from './create-batch-runner.ts'

export const manifest = manifestSchema.parse({
  name: 'echo',
  version: '1',
  input_schema: { type: 'object', properties: { n: { type: 'integer' }, note: { type: 'string' } }, required: ['n'] },
  output_schema: {},
})

export async function openBatchStand() {
  const stand = await openKeyedApi((queue: Queue) => ({
    ...{ jobs: queue.jobs, batches: queue.batches, files: queue.files, tenants: queue.tenants, models: queue.models },
    ...{ webhooks: queue.webhooks, audit: queue.audit, usage: queue.usage },
  }))
  const { queue, api } = stand
  await queue.models.publish(manifest, 'w')
  const deps = { ...api.deps, batches: queue.batches } as ApiDeps & { batches: Queue['batches'] }
  const runnerOver = (change: Partial<typeof deps> = {}, options?: BatchRunnerOptions): BatchRunner =>
    createBatchRunner({ ...deps, formats: ROW_FORMATS, ...change }, options)
  const runner = runnerOver()

  const ask = async (method: string, path: string, { key = ROOT, body, headers = {} }: Asked = {}) => {
    const answer = await api.app.request(`/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    })
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> & Batch }
  }
  const begin = async (body: unknown): Promise<Batch> => {
    const made = await ask('POST', '/batches', { body })
    if (made.status !== 202) throw new Error(JSON.stringify(made.body))
    return made.body
  }
  /** Drives it until it has ended. */
  const ended = (id: string, by: BatchRunner = runner): Promise<Batch> =>
    until('the batch has ended', async () => {
      await by.round()
      const { body } = await ask('GET', `/batches/${id}`)
      return body.finished_at === null ? undefined : body
    })
  return {
    ...stand,
    deps,
    runner,
    runnerOver,
    ask,
    begin,
    ended,
    ...filesOf(api),
    work: (model = 'echo') => work(stand, model),
  }
}

/** Files of rows, and of results. */
const filesOf = ({ app }: KeyedApi['api']) => ({
  upload: async (text: string): Promise<string> => {
    const form = new FormData()
    form.append('file', new Blob([text]), 'rows.jsonl')
    const answer = await app.request('/v1/files', { method: 'POST', headers: WITH_KEY, body: form })
    return ((await answer.json()) as { id: string }).id
  },
  resultsOf: async ({ results }: Batch): Promise<BatchResult[]> => {
    const answer = await app.request(`/v1/files/${results?.id}/content`, { headers: WITH_KEY })
    const lines = (await answer.text()).split('\n').filter((line) => line !== '')
    return lines.map((line) => JSON.parse(line) as BatchResult)
  },
})
const WITH_KEY = { authorization: `Bearer ${ROOT}` }

const LARGE = 1_000_000
const JSON_TYPE = { contentType: 'application/json' }

interface Asked {
  key?: string
  body?: unknown
  headers?: Record<string, string>
}

/** A worker: the row 13 of each batch fails; the output of one with a large number is a text that has as many bytes as it says. */
const work = ({ queue, api }: Pick<KeyedApi, 'queue' | 'api'>, model: string) =>
  runJobs(
    queue,
    model,
    async (attempts, job) => {
      const { n } = JSON.parse('inline' in job.input ? job.input.inline : '{}') as { n: number }
      const hold = { id: job.id, fence: job.fence }
      if (n === 13) {
        const error = { code: 'model_error' as const, message: 'no luck', retryable: true, attempt: 1 }
        await attempts.fail(hold, { blame: 'final', error, runSeconds: 0.01 })
      } else {
        const text = n < LARGE ? JSON.stringify({ n }) : `"${'x'.repeat(n - 2)}"`
        const key = `${jobPrefix(job.tenant, job.id)}output.json`
        const stored = n < LARGE ? undefined : await api.deps.objects.put(key, Buffer.from(text), JSON_TYPE)
        const value = stored ? { stored: { key, size: stored.size, sha256: stored.sha256 } } : { inline: text }
        const output = { value, files: [] }
        await attempts.succeed(hold, { output, runSeconds: 0.01 })
      }
    },
    { places: 16, lines: [lineOfContract(manifest, 'prediction')] },
  )
