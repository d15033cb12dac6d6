import { jobIdSchema, type JobRecord } from '@millrace/contracts'
import { newJobId } from '@millrace/queue'
import { describe, expect, it, onTestFinished } from 'vitest'
import { z } from 'zod'
import { aRecord } from '../../../../../test/support/a-record.ts'
import { CONFIG, createFixture } from '../../app.fixture.ts'
import type { ApiDeps } from '../../http/api-deps.ts'
import { toModels } from '../../http/access/principal.ts'

const TASKS = 'io.modelcontextprotocol/tasks'
const KEY = 'the-key-of-the-settings'
const OTHER_KEY = `mr_${'0'.repeat(16)}_${'0'.repeat(52)}`

async function open(changes: Partial<ApiDeps> = {}) {
  const fixture = await createFixture({ config: { ...CONFIG, toolSeconds: 1 }, ...changes })
  onTestFinished(fixture.close)
  return fixture
}
type Fixture = Awaited<ReturnType<typeof open>>

interface Sent {
  headers?: Record<string, string>
  /** Extensions that the client declares. */
  extensions?: Record<string, object>
}

/** A request of the revision 2026-07-28, as it is sent without a client. */
function send(
  { app }: Fixture,
  method: string,
  params: Record<string, unknown> = {},
  { headers, extensions }: Sent = {},
) {
  const name = params.name ?? params.taskId ?? params.uri
  return app.request('/mcp', {
    method: 'POST',
    headers: {
      ...{ 'content-type': 'application/json', accept: 'application/json, text/event-stream', host: 'localhost' },
      ...{ 'mcp-protocol-version': '2026-07-28', 'mcp-method': method },
      ...(typeof name === 'string' && { 'mcp-name': name }),
      ...headers,
    },
    body: JSON.stringify({
      ...{ jsonrpc: '2.0', id: 1, method },
      params: {
        ...params,
        _meta: {
          'io.modelcontextprotocol/protocolVersion': '2026-07-28',
          'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
          'io.modelcontextprotocol/clientCapabilities': { ...(extensions && { extensions }) },
        },
      },
    }),
  })
}

interface Answer {
  id: unknown
  result?: Record<string, unknown>
  error?: { code: number; message: string; data?: Record<string, unknown> }
}

const answerTo = async (sent: Response | Promise<Response>) => (await (await sent).json()) as Answer
const namesOf = ({ result = {} }: Answer) => (result.tools as { name: string }[]).map(({ name }) => name)
const declared = { extensions: { [TASKS]: {} } }

function keep({ records }: Fixture, changes: Partial<JobRecord> = {}): JobRecord {
  const record = { ...aRecord({ id: newJobId('ocr'), model: 'ocr' }), ...changes }
  records.set(record.id, record)
  return record
}

describe('who asks', () => {
  it.each(['http://evil.example', 'http://localhost:81', 'null'])(
    'is refused when it is a page of %s',
    async (origin) => {
      const answer = await send(await open(), 'tools/list', {}, { headers: { origin } })
      expect(answer.status).toBe(403)
      expect(await answer.json()).toMatchObject({
        jsonrpc: '2.0',
        id: null,
        error: { data: { code: 'foreign_origin' } },
      })
    },
  )

  it('may be a page of this server', async () => {
    const answer = await send(await open(), 'tools/list', {}, { headers: { origin: 'http://localhost' } })
    expect(answer.status).toBe(200)
  })

  it('needs a key where there is one, and is told so before the page that it came from is looked at twice', async () => {
    const fixture = await open({ config: { ...CONFIG, apiKey: KEY } })
    const answer = await send(fixture, 'server/discover')
    expect(answer.status).toBe(401)
    expect(answer.headers.get('www-authenticate')).toBe('Bearer')
    expect(await answer.json()).toMatchObject({ error: { data: { code: 'unauthorized' } } })
    const keyed = { headers: { authorization: `Bearer ${KEY}` } }
    expect((await send(fixture, 'server/discover', {}, keyed)).status).toBe(200)
    const foreign = { headers: { ...keyed.headers, origin: 'http://evil.example' } }
    expect((await send(fixture, 'server/discover', {}, foreign)).status).toBe(403)
  })
})

describe('a key that may not do all', () => {
  /** A key for what `scopes` say, and for those models. */
  async function keyed(scopes: string[], models: string[] | null = null) {
    const principal = {
      tenant: 'default',
      key: OTHER_KEY.slice(0, 19),
      scopes: new Set(scopes),
      models: toModels(models),
    }
    const keyRing = { find: () => principal, stillLetsIn: () => true } as unknown as ApiDeps['keyRing']
    const fixture = await open({ config: { ...CONFIG, apiKey: KEY, toolSeconds: 1 }, ...(keyRing && { keyRing }) })
    const ask = (method: string, params?: Record<string, unknown>, sent?: Sent) =>
      answerTo(send(fixture, method, params, { ...sent, headers: { authorization: `Bearer ${OTHER_KEY}` } }))
    return { fixture, ask }
  }

  it.each([
    [['jobs:read'], ['wait_for_job', 'job_status']],
    [['jobs:cancel'], ['cancel_job']],
    [['jobs:write'], []],
    [
      ['jobs:write', 'models:read'],
      ['ocr', 'train_ocr'],
    ],
    [['models:read'], []],
  ])('with %j is shown %j', async (scopes, tools) => {
    const { ask } = await keyed(scopes)
    expect(namesOf(await ask('tools/list'))).toEqual(tools)
  })

  it('is told what it lacks as the answer of a tool, so that a language model can say it', async () => {
    const { fixture, ask } = await keyed(['models:read'])
    const { id } = keep(fixture)
    for (const [name, input] of [
      ['ocr', {}],
      ['wait_for_job', { job_id: id }],
      ['cancel_job', { job_id: id }],
    ] as const) {
      const { result } = await ask('tools/call', { name, arguments: input })
      expect(result).toMatchObject({ isError: true, content: [{ text: expect.stringMatching(/^scope_missing: /) }] })
    }
    expect(fixture.submitted).toEqual([])
  })

  it('learns nothing of the models that it may not use, nor of their jobs', async () => {
    const all = ['jobs:write', 'jobs:read', 'jobs:cancel', 'models:read']
    const { fixture, ask } = await keyed(all, ['another'])
    const { id } = keep(fixture)
    expect(namesOf(await ask('tools/list'))).toEqual(['wait_for_job', 'job_status', 'cancel_job'])
    expect((await ask('tools/call', { name: 'ocr', arguments: {} })).error?.code).toBe(-32602)
    const status = await ask('tools/call', { name: 'job_status', arguments: { job_id: id } })
    expect(status.result).toMatchObject({ isError: true, content: [{ text: expect.stringMatching(/^job_not_found/) }] })
    expect((await ask('resources/list')).result?.resources).toEqual([])
    for (const uri of ['millrace://models/ocr', `millrace://jobs/${id}`]) {
      expect((await ask('resources/read', { uri })).error?.code).toBe(-32602)
    }
    expect((await ask('tasks/get', { taskId: id }, declared)).error?.code).toBe(-32602)
  })
})

describe('a call', () => {
  it('that takes long is answered with the id of its job', async () => {
    const fixture = await open()
    const { result = {} } = await answerTo(send(fixture, 'tools/call', { name: 'ocr', arguments: { text: 'a' } }))
    const { job_id, status } = result.structuredContent as { job_id: string; status: string }
    expect(jobIdSchema.safeParse(job_id).success).toBe(true)
    expect([status, fixture.records.has(job_id)]).toEqual(['queued', true])
  })

  it('is an error of the tool when the input does not fit, and names each place as the arguments have it', async () => {
    const { result } = await answerTo(send(await open(), 'tools/call', { name: 'ocr', arguments: { lang: 'xyz' } }))
    expect(result).toMatchObject({ isError: true, content: [{ text: expect.stringContaining('\n/lang: ') }] })
    expect(result).not.toHaveProperty('structuredContent')
  })

  it.each(['nothing', 'train_nothing', 'Not A Model', '__proto__'])(
    'of no tool is an error of the protocol: %s',
    async (name) => {
      const { error } = await answerTo(send(await open(), 'tools/call', { name, arguments: {} }))
      expect(error).toMatchObject({ code: -32602, message: `Unknown tool: ${name}` })
    },
  )

  it('is told when to come again, when there is no room now', async () => {
    const fixture = await open({ memoryPressure: () => true })
    const { result } = await answerTo(send(fixture, 'tools/call', { name: 'ocr', arguments: {} }))
    expect(result).toMatchObject({ isError: true, content: [{ text: expect.stringMatching(/Try again in \d+ s\./) }] })
  })

  it('hides what broke here', async () => {
    const fixture = await open()
    fixture.control.submit = () => Promise.reject(new Error('a secret of the server'))
    const { error } = await answerTo(send(fixture, 'tools/call', { name: 'ocr', arguments: {} }))
    expect(error?.code).toBe(-32603)
    expect(error?.message).not.toContain('secret')
    expect(fixture.lines.join()).toContain('a secret of the server')
  })
})

describe('the tasks of a client that declares them', () => {
  const task = z.object({
    taskId: jobIdSchema,
    status: z.enum(['working', 'completed', 'cancelled']),
    createdAt: z.iso.datetime(),
    lastUpdatedAt: z.iso.datetime(),
    ttlMs: z.int().nullable(),
    pollIntervalMs: z.int(),
  })

  it('are jobs: made, looked at, canceled', async () => {
    const fixture = await open()
    const call = send(fixture, 'tools/call', { name: 'ocr', arguments: {} }, declared)
    const { result } = await answerTo(call)
    expect(result?.resultType).toBe('task')
    const { taskId, status } = task.parse(result)
    expect([status, fixture.records.has(taskId)]).toEqual(['working', true])
    const get = async () => (await answerTo(send(fixture, 'tasks/get', { taskId }, declared))).result
    expect(await get()).toMatchObject({ resultType: 'complete', taskId, status: 'working' })
    const told = await answerTo(send(fixture, 'tasks/update', { taskId, inputResponses: {} }, declared))
    expect(told.result).toMatchObject({ resultType: 'complete' })
    const canceled = await answerTo(send(fixture, 'tasks/cancel', { taskId }, declared))
    expect(canceled.result).toMatchObject({ resultType: 'complete' })
    expect(task.parse(await get()).status).toBe('cancelled')
  })

  it('have the result in them when they are completed, also that of a model that failed', async () => {
    const fixture = await open()
    const good = keep(fixture, { status: 'succeeded', output: { inline: '"hi"' } })
    const error = { code: 'model_error', message: 'No.', retryable: true, attempt: 1 } as const
    const bad = keep(fixture, { status: 'failed', error })
    const get = async (taskId: string) => (await answerTo(send(fixture, 'tasks/get', { taskId }, declared))).result
    expect(await get(good.id)).toMatchObject({
      status: 'completed',
      result: { resultType: 'complete', structuredContent: { output: 'hi' } },
    })
    expect(await get(bad.id)).toMatchObject({ status: 'completed', result: { isError: true } })
  })

  it.each(['tasks/get', 'tasks/update', 'tasks/cancel'])(
    'are not for those who do not declare them: %s',
    async (method) => {
      const fixture = await open()
      const { id: taskId } = keep(fixture)
      const { error } = await answerTo(send(fixture, method, { taskId, inputResponses: {} }))
      expect(error).toMatchObject({ code: -32021, data: { requiredCapabilities: { extensions: { [TASKS]: {} } } } })
    },
  )

  it('are those of its own tenant', async () => {
    const fixture = await open()
    const { id: taskId } = keep(fixture, { tenant: 'another' })
    for (const method of ['tasks/get', 'tasks/cancel', 'tasks/update']) {
      const { error } = await answerTo(send(fixture, method, { taskId, inputResponses: {} }, declared))
      expect(error?.code).toBe(-32602)
    }
    const { result } = await answerTo(
      send(fixture, 'tools/call', { name: 'cancel_job', arguments: { job_id: taskId } }),
    )
    expect(result).toMatchObject({ isError: true, content: [{ text: expect.stringMatching(/^job_not_found/) }] })
    expect(fixture.records.get(taskId)).toMatchObject({ status: 'queued' })
  })

  it.each(['job_nothing', newJobId('ocr')])('that are not there are wrong parameters: %s', async (taskId) => {
    const { error } = await answerTo(send(await open(), 'tasks/get', { taskId }, declared))
    expect(error?.code).toBe(-32602)
  })

  it('are announced to clients that can know them', async () => {
    const { result } = await answerTo(send(await open(), 'server/discover'))
    expect(result).toMatchObject({ supportedVersions: ['2026-07-28'], capabilities: { extensions: { [TASKS]: {} } } })
  })
})

describe('what is no message', () => {
  const post = ({ app }: Fixture, body: string, headers: Record<string, string> = {}) =>
    app.request('/mcp', {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json', host: 'localhost', ...headers },
    })

  it.each([
    ['is no JSON', '{', 400, -32700],
    ['is nested too deep', '['.repeat(100) + ']'.repeat(100), 400, -32700],
    ['is longer than a body may be', `"${'a'.repeat(CONFIG.maxBodyBytes)}"`, 413, -32000],
  ])('is refused when it %s', async (_, body, status, code) => {
    const answer = await post(await open(), body)
    expect(answer.status).toBe(status)
    expect(await answer.json()).toMatchObject({ jsonrpc: '2.0', id: null, error: { code } })
  })

  it('is refused when it says that it is something else', async () => {
    const answer = await post(await open(), '{}', { 'content-type': 'text/plain' })
    expect(answer.status).toBe(415)
  })

  it.each(['GET', 'DELETE'])('has no session to be about: %s', async (method) => {
    const { app } = await open()
    const answer = await app.request('/mcp', { method, headers: { host: 'localhost' } })
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST, OPTIONS'])
    expect(await answer.json()).toMatchObject({ jsonrpc: '2.0', error: { code: -32000 } })
  })

  it('is refused when its headers say something else than it does', async () => {
    const answer = await send(await open(), 'tools/list', {}, { headers: { 'mcp-method': 'tools/call' } })
    expect([answer.status, (await answerTo(answer)).error?.code]).toEqual([400, -32020])
  })
})

describe('the list of tools', () => {
  const cursorOf = ({ result }: Answer) => result?.nextCursor

  it('goes page by page over all models, each of them once, in order', async () => {
    const fixture = await open()
    const [state] = await fixture.deps.models.list()
    if (!state) throw new Error('there is no model')
    const names = Array.from({ length: 250 }, (_, i) => `m-${String(i).padStart(3, '0')}`)
    const manifests = names.map((name) => ({ ...state, manifest: { ...state.manifest, name, training: null } }))
    fixture.deps.models.list = async () => [...manifests].reverse()
    const found: string[] = []
    let cursor: unknown
    let pages = 0
    do {
      const page = await answerTo(send(fixture, 'tools/list', cursor === undefined ? {} : { cursor }))
      found.push(...namesOf(page))
      cursor = cursorOf(page)
      pages += 1
    } while (cursor !== undefined)
    expect(found).toEqual(['wait_for_job', 'job_status', 'cancel_job', ...names])
    expect(pages).toBe(3)
  })

  it('refuses a cursor that is none of its own', async () => {
    const { error } = await answerTo(send(await open(), 'tools/list', { cursor: '???' }))
    expect(error?.code).toBe(-32602)
  })
})
