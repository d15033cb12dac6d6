import type { JobEvent, WebhookEvent, WebhookFormat } from '@millrace/contracts'
import type { WebhookSources } from '@millrace/dialects'
import { expect, test } from 'vitest'
import { aRecord } from '../../../../test/support/a-record.ts'
import { until } from '../../../../test/support/until.ts'
import { createLiveWebhooks } from './live-webhooks.ts'
import { WebhookBodies } from './webhook-bodies.ts'

const line = (message: string): JobEvent => ({ type: 'log', level: 'info', message })
const sources: WebhookSources = {
  ...{ owner: 'acme', record: async () => undefined, read: async () => undefined },
  ...{ sign: async () => '', signOutput: async () => '', logs: async () => '' },
}

/** A running job whose receiver hears of some events in some shape, as an endpoint of its tenant does in ours; and what both were sent. */
function follow(events: WebhookEvent[], format: WebhookFormat | undefined, hasEndpoint = false) {
  const sent: { logs?: string; output?: unknown; type?: string }[] = []
  const live = createLiveWebhooks({
    deliverer: {
      deliver: async ({ body }) => {
        sent.push(JSON.parse(body) as (typeof sent)[0])
        return { outcome: 'delivered', status: 204 }
      },
    },
    receivers: {
      targets: async ({ event }) => {
        const own = { endpointId: null, url: 'https://h/', skipped: false, format }
        const all = [own, ...(hasEndpoint ? [{ ...own, endpointId: 'whe_1', format: undefined }] : [])]
        return events.includes(event) ? all : []
      },
      receiver: async () => ({ url: 'https://h/', secrets: [] }),
    },
    bodies: new WebhookBodies(sources),
    ...{ publicUrl: 'https://ml.example.com', logFault: (_, error) => expect.fail(String(error)) },
  })
  const record = aRecord({ webhook: { url: 'https://h/', events, format } }, { status: 'running', attempt: 1 })
  return { job: live.follow(record), sent }
}

test('a receiver in the shape of Cog is told the lines so far, in one message for what came together', async () => {
  const { job, sent } = follow(['job.progress'], 'cog')
  job.said([line('one'), line('two'), { type: 'output', chunk: 'A' }])
  await until('it is told', () => sent.length > 0)
  expect(sent).toMatchObject([{ status: 'processing', logs: 'one\ntwo\n', output: ['A'] }])
  // Within half a second of the first.
  job.said([line('three')])
  job.progress({ fraction: 0.5, message: null })
  await new Promise(setImmediate)
  expect(sent.length).toBe(1)
})

test('progress is the last line there', async () => {
  const { job, sent } = follow(['job.progress'], 'replicate')
  job.said([])
  job.progress({ fraction: 0.5, message: null })
  await until('it is told', () => sent.length > 0)
  expect(sent[0]?.logs).toMatch(/^ 50%\|#####     \| 50\/100 /)
})

test('ours tells progress, and nothing of lines, also beside another shape', async () => {
  const { job, sent } = follow(['job.progress'], 'cog', true)
  job.said([line('one')])
  job.progress({ fraction: 0.5, message: null })
  await until('both are told', () => sent.length > 1)
  const [ours, cogs] = sent.toSorted((a, b) => Number('logs' in a) - Number('logs' in b))
  expect([ours, cogs, sent.length]).toMatchObject([{ data: { progress: { fraction: 0.5 } } }, { logs: 'one\n' }, 2])
})
