/** The site of docs in a real browser, from a disk: readable, searchable, and without a request to anybody. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildSite, writeSite } from '../../scripts/docs/build-site.ts'
import { addressOf, navPages } from '../../scripts/docs/nav.ts'
import { HAS_SITE_LIBRARIES } from '../../scripts/docs/site-libraries.ts'
import { CHROMIUM, IN_CHROMIUM, openBrowser } from './open-browser.ts'
import { findingsOf, shoot } from './open-page.ts'

describe.skipIf(!CHROMIUM || !HAS_SITE_LIBRARIES)(`the site of docs ${IN_CHROMIUM}`, () => {
  const root = fileURLToPath(new URL('../..', import.meta.url))
  const out = mkdtempSync(join(tmpdir(), 'millrace-site-'))
  let browser: Browser

  beforeAll(async () => {
    writeSite(buildSite(root), out)
    browser = await openBrowser()
  })
  afterAll(async () => {
    await browser.close()
    rmSync(out, { recursive: true, force: true })
  })

  const open = async (width: number, theme: 'light' | 'dark'): Promise<{ page: Page; told: string[] }> => {
    const context = await browser.newContext({ viewport: { width, height: 800 }, colorScheme: theme })
    const page = await context.newPage()
    const told: string[] = []
    page.on('pageerror', (error) => told.push(error.message))
    page.on('console', (message) => message.type() === 'error' && told.push(message.text()))
    page.on('request', (request) => !/^(file|data):/.test(request.url()) && told.push(request.url()))
    return { page, told }
  }
  const at = (address: string): string => pathToFileURL(join(out, address)).href

  it('shows every page at 360 px without moving sideways, and asks nobody for anything', async () => {
    const { page, told } = await open(360, 'light')
    for (const { path } of navPages()) {
      await page.goto(at(addressOf(path)))
      const wide = await page.evaluate<number>('document.documentElement.scrollWidth')
      expect(wide, path).toBeLessThanOrEqual(360)
    }
    await page.goto(at('index.html'))
    await shoot(page, 'site-360-light')
    expect(told).toEqual([])
    await page.context().close()
  })

  it.each(['light', 'dark'] as const)('finds words of the text, by keyboard, and reads well in %s', async (theme) => {
    const { page, told } = await open(1280, theme)
    await page.goto(at('files.html'))
    await shoot(page, `site-1280-${theme}`)
    await page.keyboard.press('/')
    await page.keyboard.type('idempotency')
    await page.locator('#found a').first().waitFor()
    await page.screenshot({ path: join(process.env.MILLRACE_SCREENSHOTS ?? out, `site-search-${theme}.png`) })
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await page.waitForURL(/#/)
    expect((await page.locator('main').innerText()).toLowerCase()).toContain('idempotency')
    expect(told).toEqual([])
    // Last, because axe itself asks for the style sheet.
    expect(await findingsOf(page, theme === 'dark' ? ['color-contrast'] : [])).toEqual([])
    await page.context().close()
  })

  it('keeps the theme that was chosen', async () => {
    const { page } = await open(1280, 'light')
    await page.goto(at('index.html'))
    const ground = (): Promise<string> => page.evaluate('getComputedStyle(document.body).backgroundColor')
    const light = await ground()
    await page.getByRole('button', { name: 'Dark' }).click()
    expect(await ground()).not.toBe(light)
    await page.goto(at('files.html'))
    expect(await ground()).not.toBe(light)
    await page.context().close()
  })
})
