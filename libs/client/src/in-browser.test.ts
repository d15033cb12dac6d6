/** The client in a real Chromium, against real processes. The page comes from the API's own origin, as behind a proxy. */
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { CHROMIUM, IN_CHROMIUM, openBrowser } from '../../../test/browser/open-browser.ts'
import { type PageServer, startPageServer } from '../../../test/support/servers/page-server.ts'
import { type Stack, startStack, TEST_MODELS } from '../../../test/support/start-stack.ts'
import { until } from '../../../test/support/until.ts'

/** What the page does; it posts what it found, or why it could not. */
const PAGE = `
import { ApiError, createClient } from './index.ts'
const client = createClient({ url: location.origin })
const text = async (stream) => new Response(await stream).text()
async function visit() {
  const given = new Blob(['from a page'], { type: 'text/plain' })
  const { output } = await client.run('files', { file: given })
  const uploaded = await client.files.upload(new File([given], 'page.txt'))
  const job = await client.submit('files', { file: uploaded })
  const statuses = []
  for await (const seen of client.watch(job.id)) statuses.push(seen.status)
  const types = []
  for await (const event of client.events(job.id)) types.push(event.type)
  const refused = await client.submit('files', {}).catch((error) => error instanceof ApiError && error.code)
  const streamed = await client.run('files', { file: given.stream() })
  return {
    copy: await text(client.download(output.copy)),
    uploaded: [uploaded.name, await text(client.files.download(uploaded))],
    last: [statuses.at(-1), types.at(-1)],
    waited: (await client.wait(job.id)).status,
    refused,
    same: streamed.output.sha256 === output.sha256,
  }
}
visit().catch((error) => ({ error: String(error.stack) }))
  .then((found) => fetch('/found', { method: 'POST', body: JSON.stringify(found) }))
`

let stack: Stack
let server: PageServer | undefined
let browser: Awaited<ReturnType<typeof openBrowser>> | undefined

beforeAll(async () => {
  if (!CHROMIUM) return
  stack = await startStack({ env: { MILLRACE_MODELS: `${TEST_MODELS}/files` } })
  const stdin = { contents: PAGE, resolveDir: fileURLToPath(new URL('.', import.meta.url)) }
  const { outputFiles } = await build({ stdin, bundle: true, platform: 'browser', format: 'esm', write: false })
  server = await startPageServer(outputFiles[0]?.text ?? '', stack.client.url)
  await stack.client.ready('files')
}, 60_000)

afterAll(async () => {
  await browser?.close()
  server?.close()
  await stack?.stop()
})

it.skipIf(!CHROMIUM)(
  `submits, waits, watches, uploads a Blob and downloads from a page ${IN_CHROMIUM}`,
  async () => {
    browser = await openBrowser()
    const page = await browser.newPage()
    await page.goto(server?.url ?? '')
    expect(await until('the page has told', () => server?.found(), { timeoutMs: 80_000, everyMs: 100 })).toEqual({
      copy: 'from a page',
      uploaded: ['page.txt', 'from a page'],
      last: ['succeeded', 'done'],
      waited: 'succeeded',
      refused: 'invalid_input',
      same: true,
    })
  },
  90_000,
)
