/** The screens of jobs, of one job and of failures. Called by page.test.ts. */
import type { Job } from '@millrace/contracts'
import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { openTestQueue } from '../../support/open-test-queue.ts'
import { expectReadable } from '../expect-readable.ts'
import { expectTabOrder } from '../expect-tab-order.ts'
import { fillRecord, MANY_MODEL, timePage } from '../many-jobs.ts'
import type { WatchedPage } from '../open-page.ts'
import type { Stand } from '../open-stand.ts'

/** What would run if any of it were taken for HTML, and what turns text around. */
const NASTY = '<img src=x onerror="globalThis.hacked=1">\u001b[31mred\u202Efdp.exe'

export function describeJobs(stand: Stand): void {
  describe('jobs', () => {
    let failed: Job[]

    beforeAll(async () => {
      const { client } = stand.stack
      const { receiver } = stand
      receiver.answer = ({ path }) => (path === '/hook' ? 503 : 204)
      const suite = { suite: 'jobs' }
      failed = await Promise.all([
        client.run('crash', { mode: 'words' }, { metadata: { ...suite, order: '42', note: NASTY } }),
        client.run('crash', { mode: 'words' }, { metadata: { ...suite, order: '43' } }),
        client.run('notes', { mode: 'details' }, { metadata: suite, webhook: `${receiver.url}/hook` }),
      ])
    }, 60_000)

    const opened = async (at: string, act: (page: Page, watched: WatchedPage) => Promise<void>) => {
      const watched = await stand.open(at)
      await act(watched.page, watched)
      expect(await watched.faults()).toEqual([])
      expect(await watched.page.evaluate('globalThis.hacked')).toBeUndefined()
      await watched.close()
    }

    it('shows three attempts of a job that lost its worker twice, and bars that add up to its life', async () => {
      const { lost } = stand
      await opened(`/jobs/${lost.id}`, async (page) => {
        await page.getByText('Attempt 3').waitFor()
        expect(await page.locator('.lane .badge').allTextContents()).toEqual([
          'worker lost',
          'worker lost',
          'succeeded',
        ])
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
      await opened('/jobs?q=suite%3Djobs', async (page) => {
        await page.getByRole('link', { name: 'all 4' }).waitFor()
        await page.keyboard.press('/')
        await page.keyboard.press('End')
        await page.keyboard.type(' sttus:failed')
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
        await page.getByRole('combobox', { name: 'Search jobs' }).fill(`please see ${stand.lost.id}`)
        await page.keyboard.press('Enter')
        await page.getByText('Attempt 3').waitFor()
      })
    })

    it('changes rows where they stand and announces new ones', async () => {
      await opened('/jobs?q=model:stream', async (page) => {
        await page.getByRole('link', { name: 'all 1', exact: true }).waitFor()
        const job = await stand.stack.client.accepted(
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
        await stand.stack.client.request(`/v1/jobs/${job.id}/cancel`, { method: 'POST' })
        await row.getByText('canceled').waitFor({ timeout: 15_000 })
        // The keyboard goes through the rows, chooses, and does it to those.
        await page.keyboard.press('j')
        await page.keyboard.press('x')
        await page.getByRole('button', { name: 'Purge', exact: true }).click()
        await page.getByRole('button', { name: 'Purge 1 job' }).click()
        await page.getByText('1 of 1 purged').waitFor()
        await page.getByRole('button', { name: 'Close' }).click()
        expect((await stand.stack.client.request(`/v1/jobs/${job.id}`)).status).toBe(410)
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
        await page.getByRole('button', { name: 'Show body' }).first().click()
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

    it('is readable by all, light and dark, on a phone, on a desk, and at twice its size', async () => {
      const places = [
        ['jobs', '/jobs', 'tbody tr'],
        ['search', '/jobs?q=x', '.search-help'],
        ['job', `/jobs/${stand.lost.id}?tab=logs`, '.log-line'],
        ['job-failed', `/jobs/${failed[0]!.id}`, '.error-code'],
        ['failures', '/failures', '.error-code'],
      ] as const
      await opened('/', async (page, watched) => {
        for (const [name, at, shows] of places) {
          await watched.goTo(at)
          await page.locator(shows).first().waitFor()
          await expectReadable(watched, name)
          await expectTabOrder(page, name)
        }
      })
    })

    it('is quick with a long record, and finds a job in it by its id', async () => {
      const queue = openTestQueue(stand.stack.redis.url)
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
}

/** The chips of a search for the long record. */
async function expectCounts(page: Page, counts: Record<string, number>): Promise<void> {
  await page.evaluate(`location.hash = '#/jobs?q=model:${MANY_MODEL}'`)
  for (const [name, count] of Object.entries(counts))
    await page.getByRole('link', { name: `${name} ${count}` }).waitFor()
}
