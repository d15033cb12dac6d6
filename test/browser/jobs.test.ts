/** The screens of jobs, of one job and of failures in a real browser, over real processes. */
import type { Job } from '@millrace/contracts'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type WebhookReceiver, startWebhookReceiver } from '../support/servers/webhook-receiver.ts'
import { openTestQueue } from '../support/open-test-queue.ts'
import { type Stack, startStack, TEST_MODELS } from '../support/start-stack.ts'
import { until } from '../support/until.ts'
import { fillRecord, MANY_MODEL, timePage } from './many-jobs.ts'
import { CHROMIUM, IN_CHROMIUM, openBrowser } from './open-browser.ts'
import { expectNoSidewaysScroll, openPage, type WatchedPage } from './open-page.ts'

/** What would run if any of it were taken for HTML, and what turns text around. */
const NASTY = '<img src=x onerror="globalThis.hacked=1">\u001b[31mred\u202Efdp.exe'

describe.skipIf(!CHROMIUM)(`jobs ${IN_CHROMIUM}`, () => {
  let stack: Stack
  let browser: Browser
  let receiver: WebhookReceiver
  let url: string
  let lost: Job
  let failed: Job[]

  beforeAll(async () => {
    receiver = await startWebhookReceiver()
    receiver.answer = () => 503
    stack = await startStack({
      workers: 0,
      env: {
        ...{ MILLRACE_MODELS: pathsOf('crash', 'notes', 'stream'), MILLRACE_SLOTS: 'cpu' },
        MILLRACE_WEBHOOK_ALLOW_HTTP: 'true',
        MILLRACE_WEBHOOK_ALLOW_HOSTS: `127.0.0.1:${receiver.port}`,
      },
    })
    const { client } = stack
    const opening = openBrowser()
    lost = await killTwice(stack)
    await Promise.all([client.ready('crash'), client.ready('notes')])
    failed = await Promise.all([
      client.run('crash', { mode: 'words' }, { metadata: { order: '42', note: NASTY } }),
      client.run('crash', { mode: 'words' }, { metadata: { order: '43' } }),
      client.run('notes', { mode: 'details' }, { webhook: `${receiver.url}/hook` }),
    ])
    url = `${await stack.api.url()}/`
    browser = await opening
  }, 90_000)
  afterAll(async () => {
    await browser?.close()
    await stack?.stop()
    await receiver?.close()
  })

  const opened = async (at: string, act: (page: Page, watched: WatchedPage) => Promise<void>, more = {}) => {
    const watched = await openPage(browser, { url, at, ...more })
    await act(watched.page, watched)
    expect(await watched.faults()).toEqual([])
    expect(await watched.page.evaluate('globalThis.hacked')).toBeUndefined()
    await watched.close()
  }

  it('shows three attempts of a job that lost its worker twice, and bars that add up to its life', async () => {
    await opened(`/jobs/${lost.id}`, async (page) => {
      await page.getByText('Attempt 3').waitFor()
      expect(await page.locator('.lane .badge').allTextContents()).toEqual(['worker lost', 'worker lost', 'succeeded'])
      expect(await page.getByText('runs alone').count()).toBe(2)
      expect(lost.attempts.map(({ outcome }) => outcome)).toEqual(['worker_lost', 'worker_lost', 'succeeded'])
      // The bars as they are drawn, in parts of the whole width, each where the one before ends.
      const bars = await page
        .locator('.track .bar')
        .evaluateAll<number[][], { style: Record<string, string> }>((some) =>
          some.map(({ style }) => [Number.parseFloat(style.insetInlineStart!), Number.parseFloat(style.inlineSize!)]),
        )
      const whole = Date.parse(lost.finished_at!) - Date.parse(lost.created_at)
      const near = (some: number, other: number) => expect(Math.abs(some - other) * (whole / 100)).toBeLessThan(50)
      for (const [i, [from]] of bars.entries()) near(from!, i === 0 ? 0 : bars[i - 1]![0]! + bars[i - 1]![1]!)
      near(
        bars.reduce((sum, [, width]) => sum + width!, 0),
        100,
      )
    })
  })

  it('finds jobs by one line, counts them exactly, and says what it does not understand', async () => {
    await opened('/jobs', async (page) => {
      await page.getByRole('link', { name: 'all 4' }).waitFor()
      await page.keyboard.press('/')
      await page.keyboard.type('sttus:failed')
      await page.keyboard.press('Enter')
      await page.getByRole('button', { name: 'Did you mean status:failed?' }).click()
      await page.getByRole('link', { name: 'failed 3' }).waitFor()
      expect(await page.locator('tbody tr').count()).toBe(3)
      // Names and values are completed by the keyboard alone.
      await page.getByRole('combobox', { name: 'Search jobs' }).press('End')
      await page.keyboard.type(' ord')
      await page.keyboard.press('ArrowDown')
      await page.keyboard.press('Enter')
      await page.keyboard.type('42')
      await page.keyboard.press('Enter')
      await page.getByRole('link', { name: 'failed 1' }).waitFor()
      expect(new URL(page.url()).hash).toContain(encodeURIComponent('order=42'))
      await page.getByRole('combobox', { name: 'Search jobs' }).fill(`please see ${lost.id}`)
      await page.keyboard.press('Enter')
      await page.getByText('Attempt 3').waitFor()
    })
  })

  it('changes rows where they stand and announces new ones', async () => {
    await opened('/jobs?q=model:stream', async (page) => {
      await page.getByRole('link', { name: 'all 1', exact: true }).waitFor()
      const job = await stack.client.accepted(
        'stream',
        { chunks: 1 },
        { run_at: new Date(Date.now() + 3.6e6).toISOString() },
      )
      const fresh = page.getByRole('button', { name: 'Show 1 new job' })
      await fresh.waitFor({ timeout: 15_000 })
      expect(await page.locator('tbody tr').count()).toBe(1)
      await fresh.click()
      const row = page.locator('tbody tr').first()
      await row.getByText('queued').waitFor()
      await stack.client.request(`/v1/jobs/${job.id}/cancel`, { method: 'POST' })
      await row.getByText('canceled').waitFor({ timeout: 15_000 })
      // The keyboard goes through the rows, chooses, and does it to those.
      await page.keyboard.press('j')
      await page.keyboard.press('x')
      await page.getByRole('button', { name: 'Purge', exact: true }).click()
      await page.getByRole('button', { name: 'Purge 1 job' }).click()
      await page.getByText('1 of 1 purged').waitFor()
      await page.getByRole('button', { name: 'Close' }).click()
      expect((await stack.client.request(`/v1/jobs/${job.id}`)).status).toBe(410)
    })
  })

  it('shows what a job holds as text, whatever it is', async () => {
    await opened(`/jobs/${failed[0]!.id}`, async (page) => {
      await page.getByText('I ran out of memory, said the caller').first().waitFor()
      await page.getByText('<img src=x onerror=').first().waitFor()
      for (const tab of ['Input', 'Logs', 'Events', 'Webhooks', 'Raw']) {
        await page.getByRole('tab', { name: tab }).click()
        await page.getByRole('tabpanel').waitFor()
      }
    })
  })

  it('shows the tries of a webhook beside the attempts, and the body that is sent', async () => {
    await opened(`/jobs/${failed[2]!.id}?tab=deliveries`, async (page) => {
      await page.getByText('503').first().waitFor({ timeout: 15_000 })
      await page.locator('.marks .mark.bad').first().waitFor()
      await page.getByRole('button', { name: 'Show body' }).click()
      await page.getByText('"type":"job.failed"').waitFor()
    })
  })

  it('groups failures by what they have in common, and leads to their jobs', async () => {
    await opened('/failures', async (page) => {
      const group = page.locator('.failure').filter({ hasText: 'I ran out of memory, said the caller' })
      await group.getByText('2 jobs').waitFor()
      await group.getByRole('link', { name: 'Show the jobs' }).click()
      await page.getByRole('link', { name: 'failed 2' }).waitFor()
      expect(await page.locator('tbody tr').count()).toBe(2)
    })
  })

  const LOOKS = [
    { theme: 'light', width: 1200 },
    { theme: 'dark', width: 360 },
  ] as const
  it.each(LOOKS)('$theme at $width is readable by all', async (look) => {
    const places = { jobs: '/jobs', search: '/jobs?q=x', job: `/jobs/${lost.id}?tab=logs`, failures: '/failures' }
    const watched = await openPage(browser, { url, at: '/jobs', ...look })
    for (const [name, at] of Object.entries(places)) {
      await watched.goTo(at)
      await watched.page
        .locator({ search: '.search-help', job: '.log-line' }[name] ?? '.error-code')
        .first()
        .waitFor()
      expect(await watched.findings(), name).toEqual([])
      await watched.shoot(`${name}-${look.theme}-${look.width}`)
      await expectNoSidewaysScroll(watched.page)
    }
    expect(await watched.faults()).toEqual([])
    await watched.close()
  })

  it('is quick with a long record, and finds a job in it by its id', async () => {
    const queue = openTestQueue(stack.redis.url)
    const id = await fillRecord(queue, 600)
    await opened('/jobs', async (page) => {
      const times = await timePage(page, id, 1)
      // What is promised is measured by many-jobs-main.ts; other tests run beside this one.
      for (const ms of Object.values(times)) expect(ms).toBeLessThan(5000)
      await expectCounts(page, { all: 600, failed: 183 })
      // All that match go back to the line, once their number was typed.
      await page.getByRole('link', { name: 'failed 183' }).click()
      await page.getByRole('button', { name: 'Retry', exact: true }).click()
      const retry = page.getByRole('button', { name: 'Retry 183 jobs' })
      await retry.waitFor()
      expect(await retry.isDisabled()).toBe(true)
      await page.getByLabel('Type 183').fill('183')
      await retry.click()
      await page.getByText('183 of 183 put back to the line').waitFor()
      await page.getByText('Done.').waitFor()
      await page.getByRole('button', { name: 'Close' }).click()
      await expectCounts(page, { queued: 233, failed: 0 })
    })
    await queue.close()
  })
})

/** The chips of a search for the long record. */
async function expectCounts(page: Page, counts: Record<string, number>): Promise<void> {
  await page.evaluate(`location.hash = '#/jobs?q=model:${MANY_MODEL}'`)
  for (const [name, count] of Object.entries(counts))
    await page.getByRole('link', { name: `${name} ${count}` }).waitFor()
}

const pathsOf = (...models: string[]): string => models.map((name) => `${TEST_MODELS}/${name}`).join(',')

/** Kills the worker that has a job, twice; a third one, which serves all models, ends it. */
async function killTwice({ client, startWorker }: Stack): Promise<Job> {
  let worker = startWorker({ MILLRACE_MODELS: pathsOf('stream') })
  await client.ready('stream')
  const { id } = await client.accepted('stream', { chunks: 20, pause_ms: 50 })
  for (const attempt of [1, 2]) {
    const hasBegun = async () => {
      const { attempts, status } = await client.job(id)
      return status === 'running' && attempts.length === attempt && attempts.at(-1)?.started_at !== null
    }
    await until(`attempt ${attempt} begins`, hasBegun, { timeoutMs: 30_000 })
    await worker.kill('SIGKILL')
    worker = startWorker(attempt === 1 ? { MILLRACE_MODELS: pathsOf('stream') } : {})
  }
  return client.finished(id)
}
