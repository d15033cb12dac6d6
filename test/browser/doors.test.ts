/** The ways into the page: with a key, below a path by plain HTTP, with an S3, in many tabs, through a restart, and where none leads in. */
import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ApiClient } from '../support/api-client.ts'
import { type S3Server, startS3Server } from '../support/servers/s3-server.ts'
import { startStack, type Stack, TEST_MODELS } from '../support/start-stack.ts'
import { startMillrace, type MillraceProcess } from '../support/processes/millrace-process.ts'
import { expectReadable } from './expect-readable.ts'
import { CHROMIUM, IN_CHROMIUM, openBrowser } from './open-browser.ts'
import { becomesTrue, openPage, type WatchedPage } from './open-page.ts'
import { type ProxyBelow, proxyBelow } from './proxy-below.ts'

const KEY = 'a-key-for-the-page-only'
/** The refusals of log-ins are in the console of every browser. */
const REFUSED = /401|403|429/

describe.skipIf(!CHROMIUM)(`the doors of the page ${IN_CHROMIUM}`, { timeout: 60_000 }, () => {
  let stack: Stack
  let keyless: MillraceProcess
  let proxy: ProxyBelow
  let s3: S3Server
  let browser: Browser
  let url: string
  /** Of a site of somebody's own: an origin that the API knows, and one that it does not. */
  let site: Server
  const originOf = (host: string) => `http://${host}:${(site.address() as AddressInfo).port}`

  beforeAll(async () => {
    const opening = openBrowser(['--host-resolver-rules=MAP ml.test 127.0.0.1, MAP other.test 127.0.0.1'])
    s3 = await startS3Server()
    site = createServer((_, response) => response.setHeader('content-type', 'text/html').end('<p>A site</p>'))
    await new Promise<void>((done) => site.listen(0, '127.0.0.1', done))
    stack = await startStack({
      env: {
        ...{ MILLRACE_MODELS: `${TEST_MODELS}/stream,${TEST_MODELS}/mirror`, MILLRACE_API_KEY: KEY },
        MILLRACE_CORS_ORIGINS: `https://app.example.com,${originOf('ml.test')}`,
        ...{ S3_ENDPOINT: s3.endpoint, S3_BUCKET: s3.bucket },
        ...{ AWS_ACCESS_KEY_ID: s3.accessKeyId, AWS_SECRET_ACCESS_KEY: s3.secretAccessKey },
      },
    })
    const { MILLRACE_API_KEY: _, ...withoutKey } = stack.env
    keyless = startMillrace('api', withoutKey)
    url = `${await stack.api.url()}/`
    proxy = await proxyBelow('/ml/', url)
    browser = await opening
  }, 60_000)
  afterAll(async () => {
    await browser?.close()
    await proxy?.close()
    await keyless?.kill('SIGKILL')
    await stack?.stop()
    await s3?.close()
    site?.close()
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
    await expectReadable(watched, 'login')
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

  it('asks for the key where a model has a form of another platform, below a path too, and then runs the model', async () => {
    const watched = await openPage(browser, { url: `http://ml.test:${proxy.port}/ml/ai_integration/mirror` })
    const { page } = watched
    watched.forgive(REFUSED)
    await enter(page, 'a-wrong-key')
    await page.getByRole('alert').filter({ hasText: 'key' }).waitFor()
    expect(await watched.findings()).toEqual([])
    await enter(page, KEY)
    await page.locator('input[name=text]').fill('through the form')
    await page.getByRole('button', { name: 'Run' }).click()
    await page.locator('output').filter({ hasText: 'through the form' }).waitFor()
    expect(await watched.findings()).toEqual([])
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

  it('takes pictures to an S3 and shows what comes from there, as it is and by a link to save it', async () => {
    const watched = await openPage(browser, {
      url: `${await keyless.url()}/`,
      at: '/models/mirror',
      alsoFrom: [s3.endpoint],
    })
    const { page } = watched
    await page.locator('[id="field:/input/text"]').fill('a picture')
    await page.locator('[id="field:/input/mode"]').selectOption('file')
    const picture = { name: 'in.png', mimeType: 'image/png', buffer: Buffer.from(DOT, 'base64') }
    await page.locator('[id="field:/input/picture"]').setInputFiles(picture)
    const came = page.waitForResponse((answer) => answer.url().startsWith(s3.endpoint) && answer.ok())
    await page.keyboard.press('Control+Enter')
    await came
    const shown = '[...document.querySelectorAll(".compare img")]'
    await becomesTrue(page, `${shown}.length === 2 && ${shown}.every(({ naturalWidth }) => naturalWidth === 1)`)
    const download = page.waitForEvent('download')
    await page.getByRole('link', { name: 'Save mirrored.png' }).click()
    expect((await download).suggestedFilename()).toBe('mirrored.png')
    expect(readFileSync(await (await download).path()).toString('base64')).toBe(DOT)
    expect(await watched.faults()).toEqual([])
    await watched.close()
  })

  it('shows one running job in eight tabs that are seen at once, all live', async () => {
    const open = `${await keyless.url()}/`
    const api = new ApiClient(open)
    const { id } = await api.accepted('stream', { chunks: 5000, pause_ms: 100 })
    const first = await openPage(browser, { url: open, at: `/jobs/${id}` })
    const more = Array.from({ length: 7 }, () =>
      openPage(browser, { url: open, at: `/jobs/${id}`, context: first.context }),
    )
    const tabs = [first, ...(await Promise.all(more))]
    const newest = ({ page }: WatchedPage): Promise<number> => page.evaluate<number>(NEWEST_PIECE)
    await Promise.all(tabs.map(({ page }) => becomesTrue(page, `${NEWEST_PIECE} > 0`)))
    // Each tab shows what was not there yet when the last of them was opened: none stands still, or can ask for nothing.
    const seen = Math.max(...(await Promise.all(tabs.map(newest))))
    await Promise.all(tabs.map(({ page }) => becomesTrue(page, `${NEWEST_PIECE} > ${seen}`)))
    await api.request(`/v1/jobs/${id}/cancel`, { method: 'POST' })
    await Promise.all(tabs.map(({ page }) => page.locator('.page-head').getByText('canceled').waitFor()))
    for (const tab of tabs) expect(await tab.faults()).toEqual([])
    await first.close()
  })

  it('serves pages of the sites that the operator has named, with a key of theirs, and no other', async () => {
    const context = await browser.newContext()
    const page = await context.newPage()
    await page.goto(originOf('ml.test'))
    const got = await page.evaluate(useFromSite, { url, key: KEY })
    expect(got).toMatchObject({ job: { status: 'succeeded' }, hasEnd: true, refused: 401 })
    expect(got.file).toMatch(/^file_/)
    expect(got.location).toMatch(/\/v1\/jobs\/job_/)
    for (const id of [got.requestId, got.replicate]) expect(id).toMatch(/^[\w-]{10,}$/)
    // Not named: its pages are told nothing, though the key is right.
    await page.goto(originOf('other.test'))
    await expect(page.evaluate(useFromSite, { url, key: KEY })).rejects.toThrow('Failed to fetch')
    await context.close()
  })

  it('goes on by itself when its API is killed and started again in mid-run, and has each event once', async () => {
    const { env } = stack
    const port = new URL(await keyless.url()).port
    const watched = await openPage(browser, { url: `${await keyless.url()}/` })
    const { page } = watched
    watched.forgive(/ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE/)
    const { id } = await new ApiClient(await keyless.url()).accepted('stream', { chunks: 40, pause_ms: 100 })
    await watched.goTo(`/jobs/${id}`)
    await becomesTrue(page, `${NEWEST_PIECE} > 3`)
    await keyless.kill('SIGKILL')
    await page.getByText('The live stream is broken').waitFor()
    const { MILLRACE_API_KEY: _, ...withoutKey } = env
    keyless = startMillrace('api', { ...withoutKey, MILLRACE_PORT: port })
    await keyless.url()
    await page.locator('.page-head').getByText('succeeded').waitFor()
    await page.getByText('The live stream is broken').waitFor({ state: 'detached' })
    await page.getByRole('tab', { name: 'Logs' }).click()
    await page.getByText('40 lines').waitFor()
    const lines = await page.locator('.log-line').allTextContents()
    const numbers = lines.map((line) => Number(/sent (\d+)/.exec(line)?.[1]))
    expect(numbers).toEqual(Array.from({ length: 40 }, (__, at) => at))
    expect(await watched.faults()).toEqual([])
    await watched.close()
  })
})

/** What a page of another site does with the API: uploads, submits, follows, downloads; and asks as Replicate's client does. */
async function useFromSite({ url, key }: { url: string; key: string }) {
  const authorization = `Bearer ${key}`
  const form = new FormData()
  form.append('file', new Blob(['from a site'], { type: 'text/plain' }), 'site.txt')
  const upload = await fetch(`${url}v1/files`, { method: 'POST', headers: { authorization }, body: form })
  const file = (await upload.json()) as { id: string }
  const submit = await fetch(`${url}v1/models/stream/jobs`, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/json', 'idempotency-key': `site-${Math.random()}` },
    body: JSON.stringify({ input: { chunks: 3, pause_ms: 10 } }),
  })
  const { id } = (await submit.json()) as { id: string }
  const events = await fetch(`${url}v1/jobs/${id}/events`, {
    headers: { authorization, accept: 'text/event-stream', 'last-event-id': '0-0' },
  })
  const stream = await events.text()
  const job = (await (await fetch(`${url}v1/jobs/${id}?wait=5`, { headers: { authorization } })).json()) as object
  const replicate = await fetch(`${url}replicate/v1/models/replicate/stream/predictions`, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/json', prefer: 'wait=5' },
    body: JSON.stringify({ input: { chunks: 1, pause_ms: 1 } }),
  })
  const refused = await fetch(`${url}v1/jobs`, { headers: { authorization: 'Bearer wrong' } })
  return {
    file: file.id,
    job,
    hasEnd: stream.includes('succeeded'),
    location: submit.headers.get('location'),
    requestId: submit.headers.get('x-request-id'),
    replicate: replicate.headers.get('x-request-id'),
    refused: refused.status,
  }
}

/** A picture of one pixel. */
const DOT = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='

/** The number of the newest piece that a tab shows of what `stream` sends. */
const NEWEST_PIECE = `Number(document.querySelector('.stream')?.textContent.match(/(\\d+)[^\\d]*$/)?.[1] ?? 0)`
