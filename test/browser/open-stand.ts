/**
 * What the suites of the page share: one Millrace whose models do whatever a page may meet, a receiver of webhooks, and one
 * Chromium. To start these takes longer than most of the tests. Called by page.test.ts, once.
 */
import type { Job } from '@millrace/contracts'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll } from 'vitest'
import { startWebhookReceiver, type WebhookReceiver } from '../support/servers/webhook-receiver.ts'
import { SHIPPED_MODELS, startStack, type Stack, TEST_MODELS } from '../support/start-stack.ts'
import { until } from '../support/until.ts'
import { openBrowser } from './open-browser.ts'
import { openPage, type PageOptions, type WatchedPage } from './open-page.ts'

const MODELS = ['crash', 'flaky', 'hang', 'mirror', 'notes', 'stream']

interface Parts {
  stack: Stack
  browser: Browser
  receiver: WebhookReceiver
  /** Of the page. */
  url: string
  /** A job that lost its worker twice and succeeded then. */
  lost: Job
}

/** Its parts are there from the first test on. */
export interface Stand extends Readonly<Parts> {
  open(at: string, options?: Partial<PageOptions>): Promise<WatchedPage>
  /** POSTs and reads the answer, which is none of a refusal. */
  post<Answer = { id: string }>(path: string, body?: object): Promise<Answer>
}

/** Registers its start and its end with the suite that is being described. */
export function openStand(): Stand {
  const parts: Partial<Parts> = {}
  beforeAll(async () => {
    const opening = openBrowser()
    const receiver = (parts.receiver = await startWebhookReceiver())
    const env = {
      MILLRACE_MODELS: [...MODELS.map((name) => `${TEST_MODELS}/${name}`), `${SHIPPED_MODELS}/ocr`].join(','),
      MILLRACE_SLOTS: 'cpu',
      MILLRACE_WEBHOOK_ALLOW_HTTP: 'true',
      MILLRACE_WEBHOOK_ALLOW_HOSTS: `127.0.0.1:${receiver.port}`,
    }
    const stack = (parts.stack = await startStack({ workers: 0, env }))
    parts.lost = await killTwice(stack)
    parts.url = `${await stack.api.url()}/`
    parts.browser = await opening
    await Promise.all([...MODELS, 'ocr'].map((model) => stack.client.ready(model)))
  }, 120_000)
  afterAll(async () => {
    await parts.browser?.close()
    await parts.stack?.stop()
    await parts.receiver?.close()
  })
  const there = <Name extends keyof Parts>(name: Name): Parts[Name] => {
    const part = parts[name]
    if (part === undefined) throw new Error(`the stand has no ${name} yet`)
    return part
  }
  const stand: Stand = {
    get stack() {
      return there('stack')
    },
    get browser() {
      return there('browser')
    },
    get receiver() {
      return there('receiver')
    },
    get url() {
      return there('url')
    },
    get lost() {
      return there('lost')
    },
    open: (at, options = {}) => openPage(stand.browser, { url: stand.url, at, ...options }),
    async post<Answer>(path: string, body: object = {}) {
      const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
      const answer = await stand.stack.client.request(path, init)
      if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`)
      return (await answer.json()) as Answer
    },
  }
  return stand
}

/** Kills the worker that has a job, twice; a third one, which serves all models, ends it. */
async function killTwice({ client, startWorker }: Stack): Promise<Job> {
  const one = { MILLRACE_MODELS: `${TEST_MODELS}/stream` }
  let worker = startWorker(one)
  await client.ready('stream')
  const { id } = await client.accepted('stream', { chunks: 20, pause_ms: 50 }, { metadata: { suite: 'jobs' } })
  for (const attempt of [1, 2]) {
    const hasBegun = async () => {
      const { attempts, status } = await client.job(id)
      return status === 'running' && attempts.length === attempt && attempts.at(-1)?.started_at !== null
    }
    await until(`attempt ${attempt} begins`, hasBegun, { timeoutMs: 30_000 })
    await worker.kill('SIGKILL')
    worker = startWorker(attempt === 1 ? one : {})
  }
  return client.finished(id)
}
