/** The client of Replicate from npm, unmodified, against a whole Millrace. */
import Replicate, { type FileOutput, parseProgressFromLogs, type Prediction, validateWebhook } from 'replicate'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startWebhookReceiver, type WebhookReceiver } from '../support/servers/webhook-receiver.ts'
import type { Stack } from '../support/start-stack.ts'
import { until } from '../support/until.ts'
import { clientCalls, pythonCalls } from './support/client-calls.ts'
import { KEY, startDialectStack } from './support/start-dialect-stack.ts'
import { startDyingProxy } from './support/start-dying-proxy.ts'

const MODEL = 'acme/shout'
const VERSION = 'shout.1.0.0'
const SLOW = { text: 'aaaaaaaaaa', pause_ms: 60_000 }

let stack: Stack
let receiver: WebhookReceiver
let replicate: Replicate
let done: Prediction

beforeAll(async () => {
  stack = await startDialectStack({
    MILLRACE_REPLICATE_OWNER: 'acme',
    MILLRACE_SLOTS: 'cpu*2',
    MILLRACE_WEBHOOK_ALLOW_HTTP: 'true',
  })
  receiver = await startWebhookReceiver()
  replicate = new Replicate({ auth: KEY, baseUrl: `${stack.client.url}/replicate/v1` })
  done = await replicate.predictions.create({ model: MODEL, input: { text: 'first' }, wait: true })
}, 60_000)
afterAll(async () => {
  await receiver?.close()
  await stack?.stop()
})

const ended = (id: string) => replicate.wait({ id } as Prediction, { interval: 20 })

/** Of every client. Each is refused in words that say what to do. */
const NOT_HERE = {
  'models.create': 'models are published by workers; the refusal says where to put one',
  'deployments.create': 'a deployment is another name for a model, so each is there already; the refusal says so',
  'deployments.delete': 'the same',
  'collections.get': 'there are no collections; the refusal says how to search models',
}

const call = clientCalls({
  ...{ platform: 'Replicate', client: 'npm replicate', version: '1.4.0' },
  missing: NOT_HERE,
})

call('run, by model', async () => {
  expect(await replicate.run(MODEL, { input: { text: 'hi' } })).toBe('HI')
  expect(await replicate.run('somebody-else/shout', { input: { text: 'hi' } })).toBe('HI')
})
call('run, by version', async () => {
  expect(await replicate.run(`${MODEL}:${VERSION}`, { input: { text: 'hi' } })).toBe('HI')
  expect(await replicate.run(`${MODEL}:1.0.0`, { input: { text: 'hi' } })).toBe('HI')
})
call('run, polling', async () => {
  const wait = { mode: 'poll', interval: 20 } as const
  expect(await replicate.run(MODEL, { input: { text: 'hi' }, wait })).toBe('HI')
})
call('run, longer than it waits', async () => {
  const seen: string[] = []
  const wait = { mode: 'block', timeout: 1, interval: 50 } as const
  const input = { text: 'abcd', pause_ms: 350 }
  expect(await replicate.run(MODEL, { input, wait }, ({ status }) => seen.push(status))).toBe('ABCD')
  expect([seen[0], seen.at(-1)]).toEqual(['starting', 'succeeded'])
})
call('run, failing', async () => {
  const failing = replicate.run(MODEL, { input: { fail: true } })
  await expect(failing).rejects.toThrow('Prediction failed: model said no')
})
call('run, with files', async () => {
  expect(await replicate.run(MODEL, { input: { file: Buffer.from('a buffer') } })).toBe('A BUFFER')
  const output = (await replicate.run(MODEL, { input: { text: 'a file', as: 'file' } })) as string | FileOutput
  // Over plain HTTP an address stays a text: only https becomes a FileOutput.
  expect(await (await fetch(String(output))).text()).toBe('A FILE')
})
call('predictions.create', async () => {
  const made = await replicate.predictions.create({ version: VERSION, input: { text: 'x' } })
  expect(made).toMatchObject({ status: 'starting', model: MODEL, version: VERSION, input: { text: 'x' } })
  expect(await ended(made.id)).toMatchObject({ status: 'succeeded', output: 'X' })
})
call('predictions.create, waiting', async () => {
  expect(done).toMatchObject({ status: 'succeeded', output: 'FIRST', error: null, logs: 'said 5 letters\n' })
  expect(done.metrics?.predict_time).toBeGreaterThanOrEqual(0)
})
call('predictions.create, refused', async () => {
  const status = (error: unknown) => (error as { response: Response }).response.status
  expect(await replicate.predictions.create({ model: MODEL, input: { as: 'a song' } }).catch(status)).toBe(422)
  expect(await replicate.predictions.create({ model: 'acme/none', input: {} }).catch(status)).toBe(404)
  expect(await replicate.predictions.create({ version: 'no.such', input: {} }).catch(status)).toBe(422)
})
call('predictions.get', async () => {
  expect(await replicate.predictions.get(done.id)).toMatchObject({ id: done.id, status: 'succeeded' })
  await expect(replicate.predictions.get('zzz')).rejects.toThrow('failed with status 404')
})
call('predictions.cancel', async () => {
  const { id } = await replicate.predictions.create({ model: MODEL, input: SLOW })
  await replicate.predictions.cancel(id)
  expect((await ended(id)).status).toBe('canceled')
})
call('predictions.list', async () => {
  const { results } = await replicate.predictions.list()
  expect(results.map(({ id }) => id)).toContain(done.id)
})
call('paginate', async () => {
  const ids: string[] = []
  for await (const page of replicate.paginate(replicate.predictions.list)) ids.push(...page.map(({ id }) => id))
  expect(new Set(ids).size).toBe(ids.length)
  expect(ids).toContain(done.id)
})
call('wait', async () => {
  const made = await replicate.predictions.create({ model: MODEL, input: {} })
  expect((await replicate.wait(made, { interval: 20 })).output).toBe('HI')
})
call('stream', async () => {
  const told: string[] = []
  for await (const { event, data } of replicate.stream(MODEL, { input: { text: 'abc' } })) told.push(`${event} ${data}`)
  expect(told).toEqual(['output A', 'output B', 'output C', 'done {}'])
  const failing = async () => {
    for await (const _ of replicate.stream(MODEL, { input: { text: 'a', fail: true } })) told.push('')
  }
  await expect(failing()).rejects.toThrow('model said no')
})
call('progress', async () => {
  const { id } = await replicate.predictions.create({ model: MODEL, input: { text: 'ab', pause_ms: 700 } })
  const half = await until('half of it is done', async () => {
    const progress = parseProgressFromLogs(await replicate.predictions.get(id))
    return progress?.percentage === 0.5 ? progress : undefined
  })
  expect(half).toMatchObject({ current: 50, total: 100 })
  await ended(id)
})
call('deployments.predictions.create', async () => {
  const made = await replicate.deployments.predictions.create('acme', 'shout', { input: {}, wait: true })
  expect(made.output).toBe('HI')
})
call('deployments.get', async () => {
  const { name, current_release } = await replicate.deployments.get('acme', 'shout')
  expect([name, current_release.model, current_release.version]).toEqual(['shout', MODEL, VERSION])
})
call('deployments.update', async () => {
  const { current_release } = await replicate.deployments.update('acme', 'shout', { version: VERSION })
  expect(current_release.version).toBe(VERSION)
  const unknown = replicate.deployments.update('acme', 'shout', { version: 'shout.9' })
  await expect(unknown).rejects.toThrow('There is no version 9')
})
call('deployments.list', async () => {
  expect((await replicate.deployments.list()).results.map(({ name }) => name)).toEqual(['shout'])
})
call('models.get', async () => {
  const { owner, name, latest_version } = await replicate.models.get('anyone', 'shout')
  expect([owner, name, latest_version?.id]).toEqual(['acme', 'shout', VERSION])
  expect(latest_version?.openapi_schema).toMatchObject({
    components: { schemas: { Input: { properties: { text: { type: 'string' } } }, Output: {} } },
  })
})
call('models.list', async () => {
  expect((await replicate.models.list()).results.map(({ name }) => name)).toEqual(['shout'])
})
call('models.search', async () => {
  expect((await replicate.models.search('Says loudly')).results.map(({ name }) => name)).toEqual(['shout'])
  expect((await replicate.models.search('whispers')).results).toEqual([])
})
call('models.versions.list', async () => {
  const { results } = await replicate.models.versions.list('acme', 'shout')
  expect(results.map(({ id }) => id)).toEqual([VERSION])
})
call('models.versions.get', async () => {
  expect((await replicate.models.versions.get('acme', 'shout', VERSION)).id).toBe(VERSION)
})
call('files.create, get, list', async () => {
  const made = await replicate.files.create(new Blob(['some bytes'], { type: 'text/plain' }), { of: 'mine' })
  expect(made).toMatchObject({ size: 10, content_type: 'text/plain' })
  expect(Math.abs(Date.now() - Date.parse(made.created_at))).toBeLessThan(60_000)
  expect((await replicate.files.get(made.id)).id).toBe(made.id)
  expect((await replicate.files.list()).results.map(({ id }) => id)).toContain(made.id)
  expect(await replicate.run(MODEL, { input: { file: made.urls.get } })).toBe('SOME BYTES')
})
call('files.delete', async () => {
  const { id } = await replicate.files.create(new Blob(['other bytes']))
  expect(await replicate.files.delete(id)).toBe(true)
  await expect(replicate.files.get(id)).rejects.toThrow('404')
})
call('trainings.create, get', async () => {
  const options = { destination: 'acme/louder', input: { voice: 'shrill' } } as const
  const { id } = await replicate.trainings.create('acme', 'shout', VERSION, options)
  const training = await until('it is trained', async () => {
    const now = await replicate.trainings.get(id)
    return now.status === 'succeeded' ? now : undefined
  })
  const { version, weights } = training.output as { version: string; weights: string }
  expect([version, await (await fetch(weights)).text()]).toEqual(['acme/louder', 'shrill'])
})
call('trainings.cancel', async () => {
  const options = { destination: 'acme/louder', input: {} } as const
  const { id } = await replicate.trainings.create('acme', 'shout', VERSION, options)
  expect((await replicate.trainings.cancel(id)).id).toBe(id)
})
call('trainings.list', async () => {
  const { results } = await replicate.trainings.list()
  expect(results.every(({ urls }) => urls.get.includes('/trainings/'))).toBe(true)
  expect(results.map(({ id }) => id)).not.toContain(done.id)
})
call('webhooks.default.secret.get, validateWebhook', async () => {
  const { key: secret } = await replicate.webhooks.default.secret.get()
  const { id } = await replicate.predictions.create({
    ...{ model: MODEL, input: { text: 'tell', as: 'list' }, webhook: `${receiver.url}/told` },
    webhook_events_filter: ['start', 'completed'],
  })
  const got = await until('both are told', () => {
    const of = receiver.got.filter(({ body }) => body.includes(id))
    return of.length === 2 ? of : undefined
  })
  for (const { headers, body } of got) {
    const [key, time, signature] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) =>
      String(headers[name]),
    )
    const signed = { id: key ?? '', timestamp: time ?? '', signature: signature ?? '' }
    expect(await validateWebhook({ ...signed, body, secret })).toBe(true)
  }
  const last = got.map(({ body }) => JSON.parse(body) as Prediction).find(({ status }) => status === 'succeeded')
  const told = { output: ['T', 'E', 'L', 'L'], input: { text: 'tell' }, logs: 'said 4 letters\n' }
  expect(last).toMatchObject({ id, model: MODEL, ...told })
})
call('accounts.current', async () => {
  expect(await replicate.accounts.current()).toMatchObject({ type: 'organization', username: 'acme' })
})
call('hardware.list', async () => {
  expect(await replicate.hardware.list()).toEqual([{ name: 'Any worker', sku: 'any' }])
})
call('collections.list', async () => {
  expect((await replicate.collections.list()).results).toEqual([])
})

const python = { platform: 'Replicate', program: new URL('./python/replicate_calls.py', import.meta.url) }
const env = (path: string) => () => ({
  ...{ REPLICATE_API_TOKEN: KEY, REPLICATE_BASE_URL: `${stack.client.url}${path}`, REPLICATE_POLL_INTERVAL: '0.05' },
})
const BOTH = [
  ...['run, by model', 'run, by version', 'run, not waiting', 'run, failing', 'run, with a file', 'predictions.create'],
  ...['predictions.get', 'predictions.get, of none', 'predictions.cancel', 'predictions.list', 'stream'],
  ...['models.get', 'models.list', 'models.search', 'models.versions.list', 'models.versions.get', 'deployments.get'],
  ...['deployments.list', 'deployments.update', 'deployments.predictions.create', 'models.predictions.create'],
  ...['files.create', 'files.list', 'files.get', 'files.delete', 'trainings.create', 'trainings.get', 'trainings.list'],
  ...['trainings.cancel', 'webhooks.default.secret', 'hardware.list', 'collections.list'],
]
const NOT_IN_PYTHON = {
  ...NOT_HERE,
  'models.delete': 'a model is gone when no worker has it; the refusal says so',
  'models.versions.delete': 'the same',
}

pythonCalls(
  {
    ...python,
    ...{ client: 'pip replicate', version: '1.0.7', requirements: 'replicate-1' },
    missing: NOT_IN_PYTHON,
  },
  [...BOTH, 'paginate', 'prediction.wait', 'prediction.progress', 'accounts.current', 'webhooks.validate'],
  env('/replicate'),
)
pythonCalls(
  {
    ...python,
    ...{ client: 'pip replicate (beta)', version: '2.0.0b4', requirements: 'replicate-2' },
    missing: {
      ...NOT_IN_PYTHON,
      'models.update': 'a model says of itself what it is',
      'models.examples.list': 'an example is an input alone: models.get shows them',
      'files.download': 'the client makes its signature; addresses that open without a key are made here',
    },
  },
  [...BOTH, 'use', 'predictions.wait', 'models.readme.get', 'account.get'],
  env('/replicate/v1'),
)

it('takes six creates of one call, whose connections died without an answer, for one job', async () => {
  const proxy = await startDyingProxy(stack.client.url, 5)
  const baseUrl = `${proxy.url}/replicate/v1`
  const input = { text: 'z', pause_ms: 300 }
  const made = await new Replicate({ auth: KEY, baseUrl }).predictions.create({ model: MODEL, input, wait: true })
  proxy.close()
  const { results } = await replicate.predictions.list()
  const same = results.filter((one) => JSON.stringify(one.input).includes('"z"')).map(({ id }) => id)
  expect([proxy.seen(), same, made.output]).toEqual([6, [made.id], 'Z'])
})

it('says what to do where it refuses what Replicate would do', async () => {
  const { models, deployments, collections } = replicate
  const model = { visibility: 'private', hardware: 'any' } as const
  const deployment = { name: 'shout', model: MODEL, version: VERSION, hardware: 'any' }
  const size = { min_instances: 0, max_instances: 1 }
  const refused = [
    [() => models.create('acme', 'new', model), 'put the folder of the model'],
    [() => deployments.create({ ...deployment, ...size }), 'another name for a model'],
    [() => deployments.delete('acme', 'shout'), 'another name for a model'],
    [() => deployments.update('acme', 'shout', { min_instances: 1 }), 'expected the id of a version'],
    [() => collections.get('best'), 'lists all models'],
  ] as const
  for (const [ask, words] of refused) await expect(ask()).rejects.toThrow(words)
})

it('leads the base address of one client to the other, too', async () => {
  const headers = { authorization: `Bearer ${KEY}` }
  for (const path of ['/replicate/account', '/replicate/v1/v1/account']) {
    const answer = await fetch(`${stack.client.url}${path}`, { headers })
    expect([path, answer.status]).toEqual([path, 200])
  }
})
