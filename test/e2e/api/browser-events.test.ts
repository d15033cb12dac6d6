/** The event stream in a real browser, which follows it by rules of its own: how it resumes, and when it lets go. */
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from '@millrace/client'
import { afterEach, expect, it } from 'vitest'
import { killProcessTree } from '../../support/processes/kill-process-tree.ts'
import { startMillrace } from '../../support/processes/millrace-process.ts'
import { freePort } from '../../support/servers/redis-server.ts'
import { startStack, TEST_MODELS } from '../../support/start-stack.ts'
import { until } from '../../support/until.ts'

const BROWSERS = ['chromium', 'chromium-browser', 'google-chrome']
const browser = BROWSERS.find((name) => spawnSync(name, ['--version']).status === 0)
const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

/** A page of another site that has been given the address, and tells what it hears. It never closes the stream itself. */
const page = (address: string) => `<!doctype html><script>
  let telling = Promise.resolve()
  const tell = (about) => {
    telling = telling.then(() => fetch('/told', { method: 'POST', body: JSON.stringify(about) }))
  }
  const source = new EventSource(${JSON.stringify(address)})
  for (const type of ['status', 'log', 'done']) {
    source.addEventListener(type, ({ data }) => tell({ type, data: JSON.parse(data) }))
  }
  source.onerror = () => tell({ type: 'error', state: source.readyState })
</script>`

interface Told {
  type: string
  state?: number
  data?: { message?: string; status?: string }
}

async function openPage(address: string): Promise<Told[]> {
  const told: Told[] = []
  const server = createServer((request, response) => {
    if (request.method !== 'POST') return response.end(page(address))
    let body = ''
    request.on('data', (chunk) => (body += String(chunk))).on('end', () => told.push(JSON.parse(body) as Told))
    return response.writeHead(204).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => server.close())
  const profile = mkdtempSync(join(tmpdir(), 'millrace-browser-'))
  const options = ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run', `--user-data-dir=${profile}`]
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  const child = spawn(browser ?? '', [...options, '--remote-debugging-port=0', url], {
    stdio: 'ignore',
    detached: true,
  })
  closing.push(async () => {
    await killProcessTree(child)
    rmSync(profile, { recursive: true, force: true })
  })
  return told
}

it.skipIf(!browser)(
  'shows a page of another site each line once, through a restart of the API, and is let go at the end',
  async () => {
    const port = String(await freePort())
    const env = { MILLRACE_MODELS: `${TEST_MODELS}/stream`, MILLRACE_PORT: port, MILLRACE_API_KEY: 'k'.repeat(32) }
    const stack = await startStack({ env })
    let { api } = stack
    closing.push(async () => {
      await api.kill('SIGKILL')
      await stack.stop()
    })
    const client = createClient({ url: stack.client.url, apiKey: env.MILLRACE_API_KEY, retries: 30 })
    const ready = async () => (await client.models()).some(({ workers }) => workers > 0)
    await until('the model is ready', ready, { timeoutMs: 30_000 })
    const job = await client.submit('stream', { chunks: 60, pause_ms: 100 })
    const told = await openPage(job.urls.events)
    const lines = () => told.flatMap(({ type, data }) => (type === 'log' ? [data?.message] : []))
    await until('lines are shown', () => lines().length > 3, { timeoutMs: 60_000 })
    await api.kill('SIGKILL')
    await until('the page notices', () => told.some(({ type, state }) => type === 'error' && state === 0))
    api = startMillrace('api', stack.env)
    await api.url()
    await until('it is let go', () => told.some(({ type, state }) => type === 'error' && state === 2), {
      timeoutMs: 60_000,
    })
    expect(lines()).toEqual(Array.from({ length: 60 }, (_, n) => `sent ${n}`))
    expect(told.filter(({ type }) => type === 'done')).toMatchObject([{ data: { status: 'succeeded' } }])
    expect(told.at(-1)).toEqual({ type: 'error', state: 2 })
  },
  120_000,
)
