/** Every screen in a real browser: it loads from its own server alone, keeps the policy, and is readable by all. */
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startStack, type Stack, TEST_MODELS } from '../support/start-stack.ts'
import { CHROMIUM, IN_CHROMIUM, openBrowser } from './open-browser.ts'
import { expectNoSidewaysScroll, openPage } from './open-page.ts'

describe.skipIf(!CHROMIUM)(`the page ${IN_CHROMIUM}`, () => {
  let stack: Stack
  let browser: Browser
  let url: string
  beforeAll(async () => {
    stack = await startStack({ env: { MILLRACE_MODELS: `${TEST_MODELS}/flaky,${TEST_MODELS}/stream` } })
    url = `${await stack.api.url()}/`
    browser = await openBrowser()
  })
  afterAll(async () => {
    await browser?.close()
    await stack?.stop()
  })

  it('shows the models within two seconds, from its own server alone, and keeps its policy', async () => {
    const watched = await openPage(browser, { url })
    await watched.page.getByRole('link', { name: 'flaky' }).waitFor({ timeout: 10_000 })
    expect(await watched.faults()).toEqual([])
    await watched.close()
  })

  const LOOKS = (['light', 'dark'] as const).flatMap((theme) => [360, 1200].map((width) => ({ theme, width })))
  it.each(LOOKS)('$theme at $width is readable by all', async (look) => {
    const watched = await openPage(browser, { url, ...look })
    await watched.page.getByRole('link', { name: 'flaky' }).waitFor({ timeout: 10_000 })
    expect(await watched.findings()).toEqual([])
    await expectNoSidewaysScroll(watched.page)
    await watched.shoot(`models-${look.theme}-${look.width}`)
    expect(await watched.faults()).toEqual([])
    await watched.close()
  })
})
