/** Every screen in a real browser: it loads from its own server alone, keeps the policy, and is readable by all. */
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startWebhookReceiver, type WebhookReceiver } from '../support/servers/webhook-receiver.ts'
import { startStack, type Stack, TEST_MODELS } from '../support/start-stack.ts'
import { CHROMIUM, IN_CHROMIUM, openBrowser } from './open-browser.ts'
import { expectNoSidewaysScroll, openPage, type WatchedPage, wordsOutsideTable } from './open-page.ts'

/** Each with a text that it shows when all of it is there. */
const SCREENS: readonly [name: string, at: string, shows: string][] = [
  ['models', '/', 'flaky'],
  ['queues', '/queues', 'flaky'],
  ['workers', '/workers', 'cpu'],
  ['webhooks', '/webhooks', '/hooks'],
  ['deliveries', '/webhooks?deliveries=1', 'webhook.test'],
  ['versions', '/models/flaky/versions', '1.0.0'],
  ['about', '/about', '0.1.0'],
  ['lost', '/no/such/place', ''],
]
const LOOKS = (['light', 'dark'] as const).flatMap((theme) => [360, 1200].map((width) => ({ theme, width })))

describe.skipIf(!CHROMIUM)(`the page ${IN_CHROMIUM}`, () => {
  let stack: Stack
  let browser: Browser
  let receiver: WebhookReceiver
  let url: string

  beforeAll(async () => {
    receiver = await startWebhookReceiver()
    const models = ['flaky', 'stream', 'hang'].map((name) => `${TEST_MODELS}/${name}`).join(',')
    stack = await startStack({ env: { MILLRACE_MODELS: models, MILLRACE_WEBHOOK_ALLOW_HOSTS: '127.0.0.1' } })
    url = `${await stack.api.url()}/`
    browser = await openBrowser()
    await Promise.all(['flaky', 'stream', 'hang'].map((name) => stack.client.ready(name)))
    const endpoint = await post('/v1/webhook-endpoints', { url: `${receiver.url}/hooks`, description: 'For a test' })
    await post(`/v1/webhook-endpoints/${endpoint.id}/test`)
    await Promise.all(Array.from({ length: 3 }, () => stack.client.accepted('hang', { mode: 'block' })))
  }, 60_000)
  afterAll(async () => {
    await browser?.close()
    await stack?.stop()
    await receiver?.close()
  })

  async function post(path: string, body: object = {}): Promise<{ id: string }> {
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
    const answer = await stack.client.request(path, init)
    expect(answer.ok, await answer.clone().text()).toBe(true)
    return (await answer.json()) as { id: string }
  }

  const shown = async ({ page }: WatchedPage, text: string): Promise<void> => {
    await page.locator('#content').getByText(text).first().waitFor({ timeout: 10_000 })
  }

  it.each(LOOKS)('is readable by all, $theme at $width', { timeout: 60_000 }, async (look) => {
    const watched = await openPage(browser, { url, ...look })
    for (const [name, at, text] of SCREENS) {
      await watched.goTo(at)
      await shown(watched, text)
      expect([name, await watched.findings()]).toEqual([name, []])
      await expectNoSidewaysScroll(watched.page)
      await watched.shoot(`${name}-${look.theme}-${look.width}`)
    }
    expect(await watched.faults()).toEqual([])
    await watched.close()
  })

  it('shows the models within two seconds, in four requests', async () => {
    const watched = await openPage(browser, { url })
    await shown(watched, 'flaky')
    expect(await watched.page.evaluate<number>('performance.now()')).toBeLessThan(2000)
    const loaded = await watched.page.evaluate<string[]>(
      "performance.getEntriesByType('resource').map(({ name }) => name)",
    )
    expect(loaded.filter((one) => !one.includes('/v1/') && !one.startsWith('data:')).length).toBeLessThanOrEqual(3)
    await watched.close()
  })

  it('says nothing that is not in its table of words', async () => {
    const watched = await openPage(browser, { url, lang: 'x-pseudo' })
    for (const [name, at, text] of SCREENS) {
      await watched.goTo(at)
      await shown(watched, text)
      expect([name, await wordsOutsideTable(watched.page)]).toEqual([name, []])
    }
    await watched.close()
  })
})
