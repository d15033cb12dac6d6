import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { ApiError, createClient, type Client, verifyWebhook } from '@millrace/client'
import type { Problem } from '@millrace/contracts'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { freePort } from '../../support/servers/redis-server.ts'
import { SHIPPED_MODELS, type Stack, startStack } from '../../support/start-stack.ts'
import { until } from '../../support/until.ts'
import { startWebhookReceiver, type WebhookReceiver } from '../../support/servers/webhook-receiver.ts'

const BIN = fileURLToPath(new URL('../../../apps/cli/bin/millrace.mjs', import.meta.url))
let stack: Stack
let client: Client
let receiver: WebhookReceiver
const closing: (() => unknown)[] = []

beforeAll(async () => {
  stack = await startStack({
    env: { MILLRACE_MODELS: `${SHIPPED_MODELS}/echo`, MILLRACE_WEBHOOK_ALLOW_HOSTS: '127.0.0.1', LOG_LEVEL: 'debug' },
  })
  client = createClient({ url: stack.client.url })
  receiver = await startWebhookReceiver()
  await stack.client.ready('echo')
}, 60_000)
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
  receiver.answer = () => 204
  for (const { id } of await client.webhooks.endpoints()) await client.webhooks.remove(id)
})
afterAll(async () => {
  await receiver.close()
  await stack.stop()
})

const of = (id: string, path?: string) =>
  receiver.got.filter((one) => one.body.includes(id) && (path === undefined || one.path === path))
const input = { message: 'hi' }

function millrace(args: string[]) {
  const child = spawn(process.execPath, [BIN, ...args], {
    env: { PATH: process.env.PATH, MILLRACE_URL: stack.client.url },
  })
  closing.push(() => child.kill('SIGKILL'))
  let out = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (out += text))
  return { child, out: () => out, code: once(child, 'close').then(([code]) => code as number | null) }
}

it('tells the address that came with a job, in JSON or in a form, and shows no more of it than its host', async () => {
  const url = `${receiver.url}/own?key=private`
  const job = await client.submit('echo', input, { webhook: url })
  expect(job.webhook).toEqual({
    host: `127.0.0.1:${receiver.port}`,
    events: ['job.succeeded', 'job.failed', 'job.canceled'],
  })
  const form = new FormData()
  form.set('input', JSON.stringify(input))
  form.set('webhook', url)
  form.set('webhook_events', 'job.started,job.succeeded')
  const second = await stack.client.request('/v1/models/echo/jobs', { method: 'POST', body: form })
  const { id } = (await second.json()) as { id: string }
  await until('both are told', () => of(job.id).length === 1 && of(id).length === 2)
  const secret = await client.webhooks.secret()
  for (const { headers, body } of [...of(job.id), ...of(id)]) await verifyWebhook({ headers, body, secret })
  expect(
    of(id)
      .map(({ body }) => (JSON.parse(body) as { type: string }).type)
      .sort(),
  ).toEqual(['job.started', 'job.succeeded'])
  const shown: string[] = []
  for await (const delivery of client.webhooks.deliveries({ job: job.id }))
    shown.push(await client.webhooks.body(delivery.id))
  expect(shown).toEqual(of(job.id).map(({ body }) => body))
  const logs = JSON.stringify([stack.api.log, stack.workers.map(({ log }) => log)])
  expect(logs).not.toContain('private')
  expect(logs).not.toContain(secret)
})

it.each(['http://10.0.0.1/x', 'https://169.254.169.254/', 'https://user:pass@example.com/'])(
  'refuses %s the same way, whatever is wrong with it, and keeps no job',
  async (webhook) => {
    const response = await stack.client.submit('echo', { input, webhook })
    const { code, detail } = (await response.json()) as Problem
    expect([response.status, code]).toEqual([422, 'webhook_not_allowed'])
    expect(detail).toContain('MILLRACE_WEBHOOK_ALLOW_HOSTS')
    const endpoint = client.webhooks.add({ url: webhook })
    await expect(endpoint).rejects.toMatchObject({ code: 'webhook_not_allowed' })
  },
)

it('refuses webhook events without an address', async () => {
  const response = await stack.client.submit('echo', { input, webhook_events: ['job.failed'] })
  expect((await response.json()) as Problem).toMatchObject({
    code: 'invalid_request',
    errors: [{ path: '/webhook_events' }],
  })
})

it('tells an endpoint of what happens while a job runs, at most twice a second, and then how it ended', async () => {
  await client.webhooks.add({
    url: `${receiver.url}/live`,
    events: ['job.started', 'job.progress', 'job.succeeded'],
  })
  await until('workers know of it', async () => {
    const { id } = await client.run('echo', input)
    return of(id, '/live').some(({ body }) => body.includes('job.started'))
  })
  const job = await client.run('echo', { message: 'hi', delay_seconds: 2.2 })
  await until('its end is told', () => of(job.id, '/live').some(({ body }) => body.includes('job.succeeded')))
  const types = of(job.id, '/live').map(({ body }) => (JSON.parse(body) as { type: string }).type)
  expect(types.filter((type) => type === 'job.started')).toHaveLength(1)
  const progress = types.filter((type) => type === 'job.progress').length
  expect(progress).toBeGreaterThanOrEqual(2)
  expect(progress).toBeLessThanOrEqual(6)
  expect(new Set(of(job.id, '/live').map(({ id }) => id)).size).toBe(types.length)
})

it('shows a secret once, turns it with both signing, and forgets an endpoint that is removed', async () => {
  const added = await client.webhooks.add({ url: `${receiver.url}/turn`, description: 'mine' })
  const turned = await client.webhooks.rotate(added.id)
  expect(turned.secret).not.toBe(added.secret)
  expect(JSON.stringify([await client.webhooks.endpoints(), await client.webhooks.endpoint(added.id)])).not.toContain(
    'whsec_',
  )
  const changed = await client.webhooks.change(added.id, { url: `${receiver.url}/turned` })
  expect(changed).toMatchObject({ description: 'mine', url: `${receiver.url}/turned` })
  const job = await client.run('echo', input)
  const [got] = await until('it is told', () => (of(job.id).length > 0 ? of(job.id, '/turned') : undefined))
  for (const secret of [added.secret, turned.secret]) {
    await verifyWebhook({ headers: got!.headers, body: got!.body, secret })
  }
  await client.webhooks.remove(added.id)
  await client.webhooks.remove(added.id)
  await expect(client.webhooks.endpoint(added.id)).rejects.toMatchObject({ code: 'webhook_endpoint_not_found' })
  const last = await client.run('echo', input, { webhook: `${receiver.url}/own` })
  await until('the other is told', () => of(last.id, '/own').length === 1)
  expect(of(last.id)).toHaveLength(1)
})

it('is disabled by a 410, shows what it missed, and is sent it when enabled and asked', async () => {
  receiver.answer = () => 410
  const { id } = await client.webhooks.add({ url: `${receiver.url}/gone` })
  const first = await client.run('echo', input)
  await until('it is disabled', async () => (await client.webhooks.endpoint(id)).disabled?.reason === 'gone')
  const missed = await client.run('echo', input)
  const list = async (status: 'skipped' | 'failed' | 'delivered', job?: string) => {
    const found = []
    for await (const one of client.webhooks.deliveries({ endpoint: id, status, job })) found.push(one)
    return found
  }
  const [skipped] = await until('it is skipped', async () =>
    (await list('skipped')).length > 0 ? list('skipped') : undefined,
  )
  expect(skipped).toMatchObject({ job_id: missed.id, event: 'job.succeeded', endpoint_id: id, tries: [] })
  expect((await list('failed', first.id))[0]?.tries).toMatchObject([{ status: 410, error: 'bad_status' }])
  await expect(client.webhooks.redeliver(skipped!.id)).rejects.toMatchObject({ code: 'webhook_endpoint_disabled' })
  receiver.answer = () => 204
  expect((await client.webhooks.enable(id)).disabled).toBeNull()
  expect(await client.webhooks.redeliverFailed(id, new Date(0).toISOString())).toBe(2)
  await until('both arrived', async () => (await list('delivered')).length === 2)
  const again = await client.webhooks.redeliver(skipped!.id)
  expect(again).toMatchObject({ id: skipped!.id, status: 'pending' })
  await until('it came a second time', () => of(missed.id).length === 2)
  expect(new Set(of(missed.id).map(({ id: webhookId, body }) => webhookId + body)).size).toBe(1)
})

it('sends what a job owes although its worker was killed before it could', async () => {
  const [first] = stack.workers
  await first!.kill('SIGKILL')
  const silent = stack.startWorker({ MILLRACE_WEBHOOK_DISPATCH: 'false' })
  const job = await client.run('echo', input, { webhook: `${receiver.url}/late` })
  await silent.kill('SIGKILL')
  expect(of(job.id)).toHaveLength(0)
  stack.startWorker()
  await until('it is told', () => of(job.id).length === 1, { timeoutMs: 30_000 })
  await stack.client.ready('echo')
})

it('adds, tests, lists and removes endpoints from the terminal', async () => {
  const add = millrace(['webhooks', 'add', `${receiver.url}/cli`, '--events', 'job.failed', '--json'])
  expect(await add.code, add.out()).toBe(0)
  const { id } = JSON.parse(add.out()) as { id: string }
  const [test, list, deliveries] = [
    millrace(['webhooks', 'test', id]),
    millrace(['webhooks', 'list']),
    millrace(['webhooks', 'deliveries', '--limit', '3']),
  ]
  expect([await test.code, await list.code, await deliveries.code]).toEqual([0, 0, 0])
  expect(test.out()).toContain('It arrived.')
  expect(list.out()).toContain(id)
  expect(deliveries.out()).toMatch(/whd_/)
  const remove = millrace(['webhooks', 'remove', id])
  expect(await remove.code).toBe(0)
  await expect(client.webhooks.endpoint(id)).rejects.toBeInstanceOf(ApiError)
})

it('listens on this machine, prints what it verified, passes it on, and leaves no endpoint behind', async () => {
  const port = await freePort()
  const listen = millrace(['listen', '--port', String(port), '--forward', `${receiver.url}/forwarded`])
  await until('it listens', () => listen.out().includes('Listening at'), { timeoutMs: 20_000 })
  const job = await client.run('echo', input)
  await until('it prints the end', () => listen.out().includes(`job.succeeded  echo  ${job.id}`))
  await until('it is passed on', () => of(job.id, '/forwarded').length > 0)
  const forged = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body: '{}' })
  expect(forged.status).toBe(400)
  listen.child.kill('SIGINT')
  expect(await listen.code).toBe(0)
  expect(await client.webhooks.endpoints()).toEqual([])
})
