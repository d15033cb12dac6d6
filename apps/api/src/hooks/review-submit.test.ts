/** What the hook of the operator does to submits, over HTTP, a real Redis and a real folder. */
import type { Hooks, Submission, SubmitAnswer } from '@millrace/hooks'
import { createMetrics } from '@millrace/process'
import type { Queue } from '@millrace/queue'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openTestQueue } from '../../../../test/support/open-test-queue.ts'
import { startRedis, type TestRedis } from '../../../../test/support/servers/redis-server.ts'
import { createFixture, testManifest } from '../app.fixture.ts'
import { createApp } from '../app.ts'

let redis: TestRedis
let queue: Queue
let fixture: Awaited<ReturnType<typeof createFixture>>
beforeAll(async () => {
  redis = await startRedis({ appendonly: false })
  queue = openTestQueue(redis.url)
  await queue.models.publish(testManifest, 'w_test')
  const { jobs, files, models } = queue
  fixture = await createFixture({ jobs, files, models })
})
afterAll(async () => {
  await fixture.close()
  await queue.close()
  await redis.stop()
})

type Job = Record<string, unknown> & { id: string; code: string }

/** An API with this hook, and what the hook was shown. */
function start(answer: (submission: Submission) => unknown, more: Hooks = {}) {
  const shown: Submission[] = []
  const beforeSubmit = (submission: Submission) => {
    shown.push(submission)
    return answer(submission) as SubmitAnswer
  }
  const hooks: Hooks = { ...more, beforeSubmit }
  const app = createApp({ ...fixture.deps, metrics: createMetrics(), hooks })
  const submit = async (body: object | FormData, { key, dry }: { key?: string; dry?: boolean } = {}) => {
    const isForm = body instanceof FormData
    const headers: Record<string, string> = isForm ? {} : { 'content-type': 'application/json' }
    if (key !== undefined) headers['idempotency-key'] = key
    const answered = await app.request(`/v1/models/ocr/jobs${dry ? '?dry_run=true' : ''}`, {
      method: 'POST',
      headers,
      body: isForm ? body : JSON.stringify(body),
    })
    return { status: answered.status, headers: answered.headers, body: (await answered.json()) as Job }
  }
  return { app, shown, submit }
}

const deep = (levels: number): unknown => (levels === 0 ? [] : [deep(levels - 1)])
const countJobs = async () => (await queue.jobs.list({ tenant: 'default', limit: 100 })).records.length

it('is shown who submits what, with the defaults of the model, and changes nothing by changing its copy', async () => {
  const { shown, submit } = start(({ input, metadata }) => {
    input['text'] = 'changed in place'
    metadata['order'] = '8'
  })
  const { status, body } = await submit({ input: { text: 'a' }, metadata: { order: '7' } })
  expect([status, body]).toMatchObject([202, { input: { text: 'a', lang: 'eng' }, metadata: { order: '7' } }])
  expect(shown).toMatchObject([
    {
      principal: { tenant: 'default', key: null, scopes: expect.arrayContaining(['admin']) },
      ...{ model: 'ocr', version: '1.0.0', kind: 'prediction', dryRun: false, input: { lang: 'eng' } },
    },
  ])
})

it('may change input and metadata, and the job is kept so', async () => {
  const { submit } = start(({ input, metadata }) => ({
    input: { ...input, text: `${String(input['text'])}!` },
    metadata: { ...metadata, cost_centre: '4711' },
  }))
  const { body } = await submit({ input: { text: 'a', numbers: [1] }, metadata: { order: '7' } })
  expect(body).toMatchObject({
    input: { text: 'a!', lang: 'eng', numbers: [1] },
    metadata: { order: '7', cost_centre: '4711' },
  })
})

it('may refuse with a reason, also what only asks what would become of it, and nothing is kept', async () => {
  const before = await countJobs()
  const { shown, submit } = start(() => ({ refuse: 'Not on Sundays.' }))
  for (const dry of [false, true]) {
    const { status, body } = await submit({ input: { image: 'data:image/x-raw;base64,aGk=' } }, { dry })
    expect([status, body]).toMatchObject([403, { code: 'submit_refused', detail: 'Not on Sundays.' }])
  }
  expect(shown.map(({ dryRun }) => dryRun)).toEqual([false, true])
  expect([await countJobs(), await fixture.storedKeys()]).toEqual([before, []])
})

it.each<[string, (submission: Submission) => unknown]>([
  ['throws', () => Promise.reject(new Error('secret of the operator'))],
  ['hangs', () => new Promise(() => undefined)],
  ['wants an input that the model does not take', () => ({ input: { lang: 'secret of the operator' } })],
  ['wants metadata that nobody could send', () => ({ metadata: { a: 1 } })],
  ['wants an input deeper than anybody could send', () => ({ input: { numbers: deep(500) } })],
  ['answers with something else', () => ({ refused: true })],
])('refuses the submit when it %s, says no more to the client, and keeps nothing', async (_how, answer) => {
  const before = await countJobs()
  const { submit } = start(answer)
  const { status, headers, body } = await submit({ input: { text: 'a' } })
  expect([status, body.code, headers.get('retry-after')]).toEqual([503, 'hook_failed', '5'])
  expect(JSON.stringify(body)).not.toContain('secret of the operator')
  expect(await countJobs()).toBe(before)
  expect(fixture.lines.at(-2)).toContain('beforeSubmit')
})

it('is not shown an input that the model does not take', async () => {
  const { shown, submit } = start(() => undefined)
  expect((await submit({ input: { lang: 'xx' } })).body.code).toBe('invalid_input')
  expect(shown).toEqual([])
})

it('is not asked again by a request that is sent again: the answer is the job, whatever it would say now', async () => {
  let says: unknown = { metadata: { by: 'the first' } }
  const { shown, submit } = start(() => says)
  const first = await submit({ input: { text: 'a' } }, { key: 'k1' })
  says = { refuse: 'No more.' }
  const second = await submit({ input: { text: 'a' } }, { key: 'k1' })
  expect([second.status, second.body.id, second.headers.get('idempotency-replayed')]).toEqual([
    202,
    first.body.id,
    'true',
  ])
  expect(second.body).toMatchObject({ metadata: { by: 'the first' } })
  expect((await submit({ input: { text: 'b' } }, { key: 'k1' })).body.code).toBe('idempotency_mismatch')
  expect((await submit({ input: { text: 'a' } }, { key: 'k1', dry: true })).body).toMatchObject({
    job_id: first.body.id,
  })
  expect(shown).toHaveLength(1)
  await queue.jobs.purge(first.body.id as never, 'default')
  expect((await submit({ input: { text: 'a' } }, { key: 'k1' })).body.code).toBe('job_purged')
  expect(shown).toHaveLength(1)
})

it('is asked again by a request that it refused', async () => {
  let says: unknown = { refuse: 'Later.' }
  const { submit } = start(() => says)
  expect((await submit({ input: {} }, { key: 'k2' })).status).toBe(403)
  says = undefined
  expect((await submit({ input: {} }, { key: 'k2' })).status).toBe(202)
})

it('leaves an uploaded file where it is, and may not move it', async () => {
  const form = () => {
    const made = new FormData()
    made.set('image', new Blob(['abc'], { type: 'image/x-raw' }), 'a.raw')
    made.set('text', 'a')
    return made
  }
  const { submit } = start(({ input }) => ({ input: { ...input, text: 'b' } }))
  expect(await submit(form())).toMatchObject({ status: 202, body: { input: { text: 'b', image: { name: 'a.raw' } } } })
  const moving = start(({ input }) => ({ input: { pages: [input['image']] } }))
  expect((await moving.submit(form())).body.code).toBe('hook_failed')
})

it('notes in the job that its end is to be told, only where a hook wants to hear of it', async () => {
  const owes = async (id: string) => {
    const found = await queue.jobs.get(id as never, { tenant: 'default' })
    return found.outcome === 'found' && found.record.after_end
  }
  const without = await start(() => undefined).submit({ input: {} })
  const withOne = await start(() => undefined, { afterEnd: () => undefined }).submit({ input: {} })
  expect([await owes(without.body.id), await owes(withOne.body.id)]).toEqual([false, true])
})
