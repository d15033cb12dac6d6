/**
 * Opens the web page and watches it: nothing may be loaded from elsewhere, violate the policy of the page, or be reported as an error.
 * Called by the tests in this folder.
 */
import { mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'

export interface PageOptions {
  /** Of the installation: http://127.0.0.1:7070/. The page is below it. */
  url: string
  /** The place in the page, such as `/jobs`. Default: the first screen. */
  at?: string
  theme?: 'light' | 'dark'
  width?: number
  height?: number
  /** Of a page that shares cookies with another one. Default: one of its own. */
  context?: BrowserContext
  /** Where the server may send the page for files, such as the address of a store. */
  alsoFrom?: readonly string[]
  /** In place of English; `x-pseudo` shows what is not from the table of words. */
  lang?: string
}

export interface WatchedPage {
  page: Page
  context: BrowserContext
  /** What went wrong so far. A test that provokes a fault takes it away by `forgive`. */
  faults(): Promise<string[]>
  /** Leaves out faults that fit. */
  forgive(pattern: RegExp): void
  /** Into the folder that MILLRACE_SCREENSHOTS names; without one none is taken. */
  shoot(name: string): Promise<void>
  /** The findings of axe, in one line each: of all its rules, or of those that are named. */
  findings(rules?: readonly string[]): Promise<string[]>
  /** Goes to a place in the page. */
  goTo(at: string): Promise<void>
  close(): Promise<void>
}

/** Less than a test has, so that what did not come is named. */
const PATIENCE_MS = 20_000

/** What the page does is text here: the rest of the tests knows no browser. */
const WATCH_POLICY = `
  globalThis.violations = []
  document.addEventListener('securitypolicyviolation', (event) => {
    violations.push('policy: ' + event.violatedDirective + ' ' + event.blockedURI + ' ' + event.sample)
  })
`

export async function openPage(browser: Browser, options: PageOptions): Promise<WatchedPage> {
  const { url, at = '/', theme = 'light', width = 1200, height = 800, alsoFrom = [] } = options
  const context = options.context ?? (await browser.newContext({ viewport: { width, height }, colorScheme: theme }))
  const page = await context.newPage()
  page.setDefaultTimeout(PATIENCE_MS)
  const told: string[] = []
  const forgiven: RegExp[] = []
  const own = [new URL(url).origin, ...alsoFrom]
  page.on('pageerror', (error) => told.push(`thrown: ${error.message}`))
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) told.push(`console: ${message.text()} ${message.location().url}`)
  })
  page.on('request', (request) => {
    const { protocol, origin } = new URL(request.url())
    if (!['data:', 'blob:'].includes(protocol) && !own.includes(origin)) told.push(`foreign: ${request.url()}`)
  })
  await page.addInitScript(WATCH_POLICY)
  const goTo = async (place: string): Promise<void> => {
    await page.goto(new URL(`#${place}`, url).href)
  }
  const { lang } = options
  if (lang !== undefined) {
    await page.route(new URL('.', url).href, async (route) => {
      const response = await route.fetch()
      await route.fulfill({ response, body: (await response.text()).replace('lang="en"', `lang="${lang}"`) })
    })
  }
  await goTo(at)
  return {
    page,
    context,
    goTo,
    async faults() {
      const violations = await page.evaluate<string[]>('violations')
      return [...told, ...violations].filter((text) => !forgiven.some((pattern) => pattern.test(text)))
    },
    forgive: (pattern) => void forgiven.push(pattern),
    shoot: (name) => shoot(page, name),
    findings: (rules = []) => findingsOf(page, rules),
    close: () => (options.context ? page.close() : context.close()),
  }
}

export async function shoot(page: Page, name: string): Promise<void> {
  const folder = process.env.MILLRACE_SCREENSHOTS
  if (!folder) return
  mkdirSync(folder, { recursive: true })
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true })
}

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

interface Finding {
  id: string
  help: string
  nodes: { html: string; failureSummary?: string }[]
}

export async function findingsOf(page: Page, rules: readonly string[]): Promise<string[]> {
  // By the debugger, so that the policy of the page need not allow it.
  if (!(await page.evaluate<boolean>('"axe" in globalThis'))) await page.evaluate(AXE)
  const options = rules.length === 0 ? {} : { runOnly: rules }
  const { violations } = await page.evaluate<{ violations: Finding[] }>(`axe.run(${JSON.stringify(options)})`)
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary = '' }) => `${id}: ${html} ${failureSummary}`),
  )
}

const NOT_FROM_TABLE = `(() => {
  const found = []
  const isForeign = (text) => /[a-z]{2}/i.test(text) && !text.includes('⟦')
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (walker.nextNode()) {
    const { parentElement, data } = walker.currentNode
    if (!parentElement.closest('[translate=no], time, script, noscript') && isForeign(data)) found.push(data.trim())
  }
  for (const element of document.body.querySelectorAll('[aria-label], [placeholder], [alt]')) {
    if (element.closest('[translate=no]')) continue
    for (const name of ['aria-label', 'placeholder', 'alt']) {
      const text = element.getAttribute(name)
      if (text && isForeign(text)) found.push(name + '=' + text)
    }
  }
  return found
})()`

/** What the page says in words that are not from its table; what comes from the server is marked as not to be translated. */
export const wordsOutsideTable = (page: Page): Promise<string[]> => page.evaluate<string[]>(NOT_FROM_TABLE)

/** Waits until an expression is true in the page, whose policy lets no library look for that. */
export async function becomesTrue(page: Page, expression: string): Promise<void> {
  await page.evaluate(`(async () => {
    const begun = performance.now()
    while (!(${expression})) {
      if (performance.now() - begun > ${PATIENCE_MS}) throw new Error(${JSON.stringify(`not true: ${expression}`)})
      await new Promise((done) => setTimeout(done, 20))
    }
  })()`)
}
