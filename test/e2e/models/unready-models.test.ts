import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Job } from '@millrace/contracts'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type AuthorFolder, makeAuthorFolder, modelSource } from '../../support/author-folder.ts'
import { type Stack, startStack } from '../../support/start-stack.ts'
import { until } from '../../support/until.ts'

/** What clients hear of a model that is being loaded, or could not be: its state, and never that there is no such model. */

let folder: AuthorFolder
let stack: Stack
let gate: string

interface Seen {
  name: string
  version: string
  state: string
  reason: string | null
}

beforeAll(async () => {
  folder = makeAuthorFolder()
  gate = join(folder.models, '..', 'gate')
  const setup = `while (!existsSync(${JSON.stringify(gate)})) await new Promise((go) => setTimeout(go, 50))`
  folder.save('slow/model.ts', modelSource({ name: 'slow', head: `import { existsSync } from 'node:fs'`, setup }))
  const fault = `throw new Error('no weights for TOKEN=abc123\\nand more')`
  folder.save('broken/model.ts', modelSource({ name: 'broken', setup: fault }))
  stack = await startStack({ env: { MILLRACE_MODELS: folder.models, MILLRACE_SLOTS: 'cpu' } })
}, 60_000)
afterAll(async () => {
  await stack.stop()
  folder.delete()
})

const listed = async (): Promise<Seen[]> =>
  ((await (await stack.client.request('/v1/models')).json()) as { data: Seen[] }).data
const seen = async (name: string): Promise<Seen | undefined> => (await listed()).find((model) => model.name === name)
const inState = (name: string, state: string) =>
  until(`${name} is ${state}`, async () => (await seen(name))?.state === state, { timeoutMs: 30_000 })
const submit = (model: string) =>
  stack.client.request(`/v1/models/${model}/jobs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ input: { text: 'hi' } }),
  })

it('a model that could not be loaded is listed with the reason, and refuses jobs with it', async () => {
  await inState('broken', 'failed')
  const reason = 'no weights for TOKEN=***'
  expect(await seen('broken')).toMatchObject({ version: '', reason, ready: false, workers: 0 })
  expect(await (await stack.client.request('/v1/models/broken')).json()).toMatchObject({ state: 'failed', reason })
  const refused = await submit('broken')
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([409, null])
  expect(await refused.json()).toMatchObject({ code: 'model_failed', detail: expect.stringContaining(reason) })
}, 60_000)

it('a submit to one that is being loaded is to be sent again; the command line waits, and its job runs', async () => {
  await inState('slow', 'loading')
  expect(await (await stack.client.request('/v1/models/slow')).json()).toMatchObject({ state: 'loading', reason: null })
  const refused = await submit('slow')
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '2'])
  expect(await refused.json()).toMatchObject({ code: 'model_loading' })
  const bin = fileURLToPath(new URL('../../../apps/cli/bin/millrace.mjs', import.meta.url))
  const env = { PATH: process.env.PATH, MILLRACE_URL: stack.client.url }
  const child = spawn(process.execPath, [bin, 'submit', 'slow', 'text=hi'], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  const said = { out: '', err: '' }
  child.stdout.setEncoding('utf8').on('data', (text) => (said.out += text))
  child.stderr.setEncoding('utf8').on('data', (text) => (said.err += text))
  await until('it says that it waits', () => said.err.includes('slow is being loaded'), { timeoutMs: 30_000 })
  writeFileSync(gate, '')
  const [code] = (await once(child, 'close')) as [number]
  expect([code, said.out]).toEqual([0, expect.stringContaining('HI')])
  expect(await seen('slow')).toMatchObject({ version: '1.0.0', state: 'ready', reason: null })
}, 60_000)

it('one that was ready once takes jobs while no worker has it, and while one loads it', async () => {
  await inState('slow', 'ready')
  await Promise.all(stack.workers.map((worker) => worker.kill('SIGTERM')))
  await inState('slow', 'none')
  const taken = await submit('slow')
  expect(taken.status).toBe(202)
  const { id } = (await taken.json()) as Job
  const waits = (why: string) =>
    until(`it waits: ${why}`, async () => (await stack.client.job(id)).queue?.why === why, { timeoutMs: 30_000 })
  await waits('no_worker')
  rmSync(gate)
  stack.startWorker()
  await inState('slow', 'loading')
  await waits('loading')
  expect((await submit('slow')).status).toBe(202)
  writeFileSync(gate, '')
  expect(await stack.client.finished(id)).toMatchObject({ status: 'succeeded' })
}, 60_000)
