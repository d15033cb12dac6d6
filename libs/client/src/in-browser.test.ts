/** The client in a real Chromium, against real processes. The page comes from the API's own origin, as behind a proxy. */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer, request as forward, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Stack, startStack, TEST_MODELS } from '../../../test/support/start-stack.ts'
import { until } from '../../../test/support/until.ts'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
const browser = (process.env.PATH ?? '')
  .split(delimiter)
  .flatMap((folder) => NAMES.map((name) => join(folder, name)))
  .find((path) => existsSync(path))

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
let server: Server
let chromium: ChildProcess | undefined
let found: unknown
const profile = mkdtempSync(join(tmpdir(), 'millrace-chromium-'))

beforeAll(async () => {
  if (!browser) return
  stack = await startStack({ env: { MILLRACE_MODELS: `${TEST_MODELS}/files` } })
  const stdin = { contents: PAGE, resolveDir: fileURLToPath(new URL('.', import.meta.url)) }
  const { outputFiles } = await build({ stdin, bundle: true, platform: 'browser', format: 'esm', write: false })
  server = createServer((request, response) => {
    const { method, url = '', headers } = request
    if (url.startsWith('/v1/')) {
      const onward = forward(`${stack.client.url}${url}`, { method, headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 500, answer.headers)
        answer.pipe(response)
      })
      request.pipe(onward)
    } else if (url === '/found') {
      let body = ''
      request.setEncoding('utf8').on('data', (part: string) => (body += part))
      request.on('end', () => response.end(void (found = JSON.parse(body))))
    } else if (url === '/') {
      response.setHeader('content-type', 'text/html').end(`<script type="module">${outputFiles[0]?.text}</script>`)
    } else response.writeHead(404).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  await stack.client.ready('files')
}, 60_000)

afterAll(async () => {
  if (chromium && chromium.exitCode === null) {
    const gone = new Promise((resolve) => chromium?.once('exit', resolve))
    chromium.kill('SIGKILL')
    await gone
  }
  server?.closeAllConnections()
  server?.close()
  await stack?.stop()
  rmSync(profile, { recursive: true, force: true, maxRetries: 5 })
})

it('submits, waits, watches, uploads a Blob and downloads from a page', async ({ skip }) => {
  if (!browser) return skip(`there is no browser on PATH (${NAMES.join(', ')})`)
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', `--user-data-dir=${profile}`]
  chromium = spawn(browser, [...flags, '--remote-debugging-port=0', url], { stdio: 'ignore' })
  expect(await until('the page has told', () => found, { timeoutMs: 80_000, everyMs: 100 })).toEqual({
    copy: 'from a page',
    uploaded: ['page.txt', 'from a page'],
    last: ['succeeded', 'done'],
    waited: 'succeeded',
    refused: 'invalid_input',
    same: true,
  })
}, 90_000)
