/** The ways into the page: with a key, below a path by plain HTTP, in many tabs, and where none leads in. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ApiClient } from '../support/api-client.ts'
import { startStack, type Stack, TEST_MODELS } from '../support/start-stack.ts'
import { startMillrace, type MillraceProcess } from '../support/processes/millrace-process.ts'
import { CHROMIUM, IN_CHROMIUM, openBrowser } from './open-browser.ts'
import { openPage } from './open-page.ts'
import { type ProxyBelow, proxyBelow } from './proxy-below.ts'

const KEY = 'a-key-for-the-page-only'
/** The refusals of log-ins are in the console of every browser. */
const REFUSED = /401|403|429/

describe.skipIf(!CHROMIUM)(`the doors of the page ${IN_CHROMIUM}`, () => {
  let stack: Stack
  let keyless: MillraceProcess
  let proxy: ProxyBelow
  let browser: Browser
  let url: string

  beforeAll(async () => {
    stack = await startStack({
      env: { MILLRACE_MODELS: `${TEST_MODELS}/stream,${TEST_MODELS}/hang`, MILLRACE_API_KEY: KEY },
    })
    const { MILLRACE_API_KEY: _, ...withoutKey } = stack.env
    keyless = startMillrace('api', withoutKey)
    url = `${await stack.api.url()}/`
    proxy = await proxyBelow('/ml/', url)
    browser = await openBrowser(['--host-resolver-rules=MAP ml.test 127.0.0.1, MAP other.test 127.0.0.1'])
  }, 60_000)
  afterAll(async () => {
    await browser?.close()
    await proxy?.close()
    await keyless?.kill('SIGKILL')
    await stack?.stop()
  })

  const enter = async (page: Page, key: string): Promise<void> => {
    await page.getByLabel('Key').fill(key)
    await page.keyboard.press('Enter')
  }
  const models = (page: Page) => page.getByRole('link', { name: 'stream' }).waitFor({ timeout: 10_000 })

  it('asks for the key, tells a wrong one, lets in with the right one, goes on where it was, and keeps no key', async () => {
    const watched = await openPage(browser, { url, at: '/workers' })
    const { page, context } = watched
    watched.forgive(REFUSED)
    await page.getByLabel('Key').waitFor()
    expect(await watched.findings()).toEqual([])
    await watched.shoot('login-light-1200')
    await enter(page, 'a-wrong-key')
    await page.getByText('No such key').waitFor()
    await enter(page, KEY)
    await page.getByRole('heading', { name: 'Workers' }).waitFor()
    expect(
      await page.evaluate<string>('document.cookie + JSON.stringify(localStorage) + JSON.stringify(sessionStorage)'),
    ).not.toContain(KEY)
    const [cookie] = await context.cookies()
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict' })
    expect(cookie?.value).not.toContain(KEY)
    expect(await watched.faults()).toEqual([])
    await watched.close()
  })

  it('says that a session has ended, and where somebody logs out, in every tab', async () => {
    const watched = await openPage(browser, { url })
    const { page, context } = watched
    await enter(page, KEY)
    await models(page)
    const other = await openPage(browser, { url, context })
    await models(other.page)
    await page.getByRole('button', { name: 'Log out' }).click()
    await page.getByText('You are logged out').waitFor()
    expect(await context.cookies()).toEqual([])
    await other.page.getByText('Your session has ended').waitFor({ timeout: 10_000 })
    await watched.close()
  })

  it('works below a path, by plain HTTP and another name, and copies there', async () => {
    const below = `http://ml.test:${proxy.port}/ml/`
    const watched = await openPage(browser, { url: below })
    const { page } = watched
    watched.forgive(REFUSED)
    await enter(page, KEY)
    await models(page)
    expect(await page.evaluate<boolean>('isSecureContext')).toBe(false)
    await watched.goTo('/about')
    await page.getByText('Copy all of it').click()
    await page.getByText('Copied').waitFor()
    expect(await watched.faults()).toEqual([])
    await watched.close()
  })

  it('asks nothing where no key is needed, and does not answer to another name', async () => {
    const open = `${await keyless.url()}/`
    const watched = await openPage(browser, { url: open })
    await models(watched.page)
    expect(await watched.page.getByRole('button', { name: 'Log out' }).count()).toBe(0)
    expect(await watched.faults()).toEqual([])
    await watched.close()
    const foreign = await browser.newPage()
    const response = await foreign.goto(`http://other.test:${new URL(open).port}/`)
    expect(response?.status()).toBe(401)
    await foreign.close()
  })

  it('shows one running job in eight tabs, all live when they are looked at', { timeout: 60_000 }, async () => {
    const open = `${await keyless.url()}/`
    const api = new ApiClient(open)
    await api.ready('hang')
    const { id } = await api.accepted('hang', { mode: 'polite', seconds: 120 })
    const first = await openPage(browser, { url: open })
    const tabs = [first]
    for (let i = 0; i < 8; i++) {
      await tabs.at(-1)!.page.evaluate(look('hidden'))
      const tab = await openPage(browser, { url: open, at: `/jobs/${id}`, context: first.context })
      await tab.page.getByText('running').first().waitFor({ timeout: 10_000 })
      tabs.push(tab)
    }
    await api.request(`/v1/jobs/${id}/cancel`, { method: 'POST' })
    await tabs.at(-1)!.page.evaluate(look('hidden'))
    for (const { page } of tabs.slice(1)) {
      const began = performance.now()
      await page.evaluate(look('visible'))
      await page.getByText('canceled').first().waitFor({ timeout: 10_000 })
      expect(performance.now() - began).toBeLessThan(3000)
      await page.evaluate(look('hidden'))
    }
    await first.close()
  })
})

/** Headless tabs are all visible; this is what the browser would tell the page of a tab that is, or is not, in front. */
const look = (state: 'hidden' | 'visible'): string => `
  Object.defineProperty(document, 'visibilityState', { value: '${state}', configurable: true })
  document.dispatchEvent(new Event('visibilitychange'))
`
