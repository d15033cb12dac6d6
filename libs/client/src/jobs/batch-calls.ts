/** The calls about batches of jobs. Part of the client as `client.batches`. */
import type { Batch, BatchRequest, BatchResult } from '@millrace/contracts'
import type { CallOptions } from '../call-options.ts'
import { pagesOf } from '../http/pages-of.ts'
import { pause } from '../http/pause.ts'
import { jsonBody } from '../http/request-body.ts'
import type { Sender } from '../http/sender.ts'
import type { FileCalls } from '../files/file-calls.ts'

export interface BatchCalls {
  /**
   * Submits many jobs: inline, or the lines of an uploaded file. When it resolves, the server keeps the batch. `idempotencyKey`: the same
   * key and request give the same batch; default: a key of this call, so that it may be sent again.
   */
  create(batch: BatchRequest, options?: CallOptions & { idempotencyKey?: string }): Promise<Batch>
  get(id: string, options?: CallOptions): Promise<Batch>
  /** Newest first. Pages are read while the loop goes on. */
  list(options?: CallOptions & { limit?: number }): AsyncIterable<Batch>
  /** Resolves with the batch when it has ended, in whatever way. `onProgress` hears of each look. */
  wait(id: string, options?: CallOptions & { onProgress?: (batch: Batch) => void }): Promise<Batch>
  /** What became of each row, in their order, read while the loop goes on. Of a batch that has ended. */
  results(batch: Batch, options?: CallOptions): AsyncIterable<BatchResult>
  /** No more rows are submitted, and its jobs are canceled. It ends with results. */
  cancel(id: string, options?: CallOptions): Promise<Batch>
  /** Submits the rows again that did not succeed, as a new batch. */
  retry(id: string, options?: CallOptions): Promise<Batch>
}

const PATH = '/v1/batches'
const WITHIN_MS = 60_000
/** From one look to the next: longer for what goes on for long. Milliseconds. */
const [FIRST_LOOK_MS, LAST_LOOK_MS] = [250, 5000]

export function batchCalls(sender: Sender, files: Pick<FileCalls, 'download'>): BatchCalls {
  const one = (id: string, { signal, retries }: CallOptions, verb = '') => ({
    ...{ path: `${PATH}/${encodeURIComponent(id)}${verb}`, signal, retries, withinMs: WITHIN_MS },
  })
  const get: BatchCalls['get'] = (id, options = {}) => sender.json(one(id, options))
  return {
    get,
    create: (batch, { idempotencyKey = crypto.randomUUID(), signal, retries } = {}) =>
      sender.json({
        ...{ path: PATH, method: 'POST', signal, retries, withinMs: WITHIN_MS, body: jsonBody(batch) },
        headers: { 'idempotency-key': idempotencyKey },
      }),
    list: ({ limit, ...options } = {}) => pagesOf(sender, { path: PATH, query: {}, limit }, options),
    wait: async (id, { onProgress, ...options } = {}) => {
      for (let ms = FIRST_LOOK_MS; ; ms = Math.min(LAST_LOOK_MS, ms * 1.5)) {
        const batch = await get(id, options)
        onProgress?.(batch)
        if (batch.finished_at !== null) return batch
        await pause(ms, options.signal)
      }
    },
    results: (batch, options = {}) => resultsOf(files, batch, options),
    cancel: (id, options = {}) => sender.json({ ...one(id, options, '/cancel'), method: 'POST' }),
    retry: (id, options = {}) => sender.json({ ...one(id, options, '/retry'), method: 'POST' }),
  }
}

async function* resultsOf(
  files: Pick<FileCalls, 'download'>,
  { results }: Batch,
  options: CallOptions,
): AsyncGenerator<BatchResult> {
  if (results === null) return
  const decoder = new TextDecoder()
  let rest = ''
  const reader = (await files.download(results.id, options)).getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) break
      const text = decoder.decode(value, { stream: true })
      const end = text.lastIndexOf('\n') + 1
      // A long line comes in many pieces, and is looked through once.
      const lines = end > 0 ? `${rest}${text.slice(0, end - 1)}`.split('\n') : []
      rest = (end > 0 ? '' : rest) + text.slice(end)
      for (const line of lines) yield JSON.parse(line) as BatchResult
    }
  } finally {
    await reader.cancel()
  }
  if (rest !== '') yield JSON.parse(rest) as BatchResult
}
