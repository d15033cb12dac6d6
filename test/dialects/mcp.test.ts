/** The official MCP client for JavaScript, in both of its ways to agree on a revision, against a whole Millrace. */
import { Client, type ClientOptions, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Stack } from '../support/start-stack.ts'
import { until } from '../support/until.ts'
import { clientCalls } from './support/client-calls.ts'
import { KEY, startDialectStack } from './support/start-dialect-stack.ts'

/** By the revision that comes of it. */
const WAYS: Record<string, ClientOptions> = {
  '2025-11-25': {},
  '2026-07-28': { versionNegotiation: { mode: 'auto' } },
}
const TOOLS = ['wait_for_job', 'job_status', 'cancel_job', 'shout', 'train_shout']
/** A job that nobody waits for: it ends when it is canceled. */
const SLOW = { text: 'a long text', pause_ms: 600_000 }

let stack: Stack
const clients = new Map<string, Client>()

beforeAll(async () => {
  stack = await startDialectStack({ MILLRACE_TOOL_SECONDS: '4' })
  for (const [revision, options] of Object.entries(WAYS)) {
    const client = new Client({ name: 'test', version: '1' }, options)
    await client.connect(
      new StreamableHTTPClientTransport(new URL(`${stack.client.url}/mcp`), {
        requestInit: { headers: { Authorization: `Bearer ${KEY}` } },
      }),
    )
    clients.set(revision, client)
  }
}, 60_000)
afterAll(async () => {
  for (const client of clients.values()) await client.close()
  await stack?.stop()
})

const call = clientCalls({
  platform: 'Model Context Protocol',
  client: 'npm @modelcontextprotocol/client',
  version: '2.4.0',
})

const jobOf = (answer: { structuredContent?: unknown }) =>
  answer.structuredContent as { job_id: string; status: string }
const statusOf = async (id: string) => (await stack.client.job(id)).status
/** The newest job of the model. */
async function newest(): Promise<{ id: string; status: string } | undefined> {
  const answer = await stack.client.request('/v1/jobs?model=shout&limit=1')
  return ((await answer.json()) as { data: { id: string; status: string }[] }).data[0]
}

for (const revision of Object.keys(WAYS)) {
  const client = () => clients.get(revision) as Client
  const shout = (input: Record<string, unknown>) => client().callTool({ name: 'shout', arguments: input })

  call(`connect, ${revision}`, async () => {
    expect(client().getNegotiatedProtocolVersion()).toBe(revision)
    expect(client().getServerVersion()?.name).toBe('millrace')
  })
  call(`listTools, ${revision}`, async () => {
    const { tools } = await client().listTools()
    expect(tools.map(({ name }) => name)).toEqual(TOOLS)
    expect(tools[3]).toMatchObject({
      description: expect.stringMatching(/^Says a text loudly\./),
      inputSchema: { type: 'object', properties: { text: { type: 'string' } }, examples: [{ text: 'hello' }] },
    })
  })
  call(`callTool, ${revision}`, async () => {
    const answer = await shout({ text: 'hi' })
    expect(answer).toMatchObject({
      content: [{ type: 'text', text: 'HI' }],
      structuredContent: { output: 'HI', status: 'succeeded' },
    })
  })
  call(`callTool with onprogress, ${revision}`, async () => {
    const heard: { progress: number; total?: number; message?: string }[] = []
    const input = { text: 'hey', pause_ms: 300 }
    await client().callTool({ name: 'shout', arguments: input }, { onprogress: (note) => heard.push(note) })
    const numbers = heard.map(({ progress }) => progress)
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b))
    expect([numbers[0], numbers.at(-1)]).toEqual([0, 100])
    const said = heard.map(({ message }) => message).join('')
    expect(said).toMatch(/^queued.*H.*E.*Y$/)
  })
  call(`callTool with files, ${revision}`, async () => {
    const answer = await shout({ file: 'data:text/plain;base64,aGV5', as: 'file' })
    const link = answer.content.find((part) => part.type === 'resource_link')
    expect(link).toMatchObject({ name: 'said.txt', mimeType: 'text/plain', size: 3 })
    // Without any header.
    expect(await (await fetch(link?.uri ?? '')).text()).toBe('HEY')
    const { output } = answer.structuredContent as { output: { url: string; id: string } }
    expect(output.url).toBe(link?.uri)
    const { contents } = await client().readResource({ uri: `millrace://files/${output.id}` })
    expect(contents).toMatchObject([{ mimeType: 'text/plain', text: 'HEY' }])
  })
  call(`callTool, refused, ${revision}`, async () => {
    const answer = await shout({ text: 7, colour: 'red' })
    expect(answer).toMatchObject({ isError: true, content: [{ text: expect.stringMatching(/^invalid_input: /) }] })
    expect(answer).toMatchObject({ content: [{ text: expect.stringContaining('/text: must be string') }] })
    expect(answer.structuredContent).toBeUndefined()
  })
  call(`callTool, failing, ${revision}`, async () => {
    const answer = await shout({ fail: true })
    expect(answer).toMatchObject({ isError: true, content: [{ text: expect.stringContaining('model said no') }] })
    expect(answer.structuredContent).toBeUndefined()
  })
  call(`callTool, unknown, ${revision}`, async () => {
    await expect(client().callTool({ name: 'nothing', arguments: {} })).rejects.toMatchObject({ code: -32602 })
  })
  call(`callTool, slow: wait, look and cancel, ${revision}`, async () => {
    const begun = performance.now()
    const kept = jobOf(await shout(SLOW))
    expect(performance.now() - begun).toBeLessThan(30_000)
    expect(kept.status).toBe('running')
    const { job_id } = kept
    const waited = jobOf(await client().callTool({ name: 'wait_for_job', arguments: { job_id, seconds: 0.1 } }))
    expect(waited).toMatchObject({ job_id, status: 'running' })
    const seen = await client().callTool({ name: 'job_status', arguments: { job_id } })
    expect(seen.structuredContent).toMatchObject({ job_id, status: 'running', model: 'shout' })
    await client().callTool({ name: 'cancel_job', arguments: { job_id } })
    const ended = await client().callTool({ name: 'wait_for_job', arguments: { job_id } })
    expect(ended).toMatchObject({ isError: true, content: [{ text: expect.stringContaining('was canceled') }] })
  })
  call(`callTool, given up, ${revision}`, async () => {
    const before = await newest()
    const patience = new AbortController()
    const answer = client().callTool({ name: 'shout', arguments: SLOW }, { signal: patience.signal })
    const failed = expect(answer).rejects.toThrow()
    const job = await until('the job runs', async () => {
      const found = await newest()
      return found && found.id !== before?.id && found.status === 'running' ? found : undefined
    })
    patience.abort()
    await failed
    if (revision === '2026-07-28') {
      // To close the stream is to cancel.
      await until('the job is canceled', async () => (await statusOf(job.id)) === 'canceled')
      return
    }
    // Of a client of before that nobody knows whether it gave up or was cut off. Its job is there for the next one.
    const seen = await client().callTool({ name: 'job_status', arguments: { job_id: job.id } })
    expect(seen.structuredContent).toMatchObject({ status: 'running' })
    expect((await stack.client.job(job.id)).cancel_requested).toBe(false)
    await client().callTool({ name: 'cancel_job', arguments: { job_id: job.id } })
    await until('the job is canceled', async () => (await statusOf(job.id)) === 'canceled')
  })
  call(`callTool, training, ${revision}`, async () => {
    const answer = await client().callTool({ name: 'train_shout', arguments: { voice: 'soft' } })
    expect(answer.structuredContent).toMatchObject({ output: { weights: { name: 'weights.bin' } } })
    const job = await stack.client.job(jobOf(answer).job_id)
    expect(job.kind).toBe('training')
  })
  call(`listResources, ${revision}`, async () => {
    const { resources } = await client().listResources()
    expect(resources).toMatchObject([{ uri: 'millrace://models/shout', name: 'shout' }])
  })
  call(`listResourceTemplates, ${revision}`, async () => {
    const { resourceTemplates } = await client().listResourceTemplates()
    expect(resourceTemplates.map(({ uriTemplate }) => uriTemplate)).toEqual([
      'millrace://models/{model}',
      'millrace://jobs/{job_id}',
      'millrace://jobs/{job_id}/output',
      'millrace://files/{file_id}',
    ])
  })
  call(`readResource, ${revision}`, async () => {
    const { job_id } = jobOf(await shout({ text: 'hi' }))
    const read = async (uri: string) => {
      const [part] = (await client().readResource({ uri })).contents
      return part && 'text' in part ? (JSON.parse(part.text) as unknown) : part
    }
    expect(await read('millrace://models/shout')).toMatchObject({ name: 'shout', state: 'ready' })
    expect(await read(`millrace://jobs/${job_id}`)).toMatchObject({ id: job_id, output: 'HI' })
    expect(await read(`millrace://jobs/${job_id}/output`)).toBe('HI')
    await expect(read('millrace://jobs/nothing')).rejects.toMatchObject({ code: -32602 })
  })
}

it('a client of before 2026-07-28 that is cut off has canceled nothing', async () => {
  const before = await newest()
  const line = new AbortController()
  const params = { name: 'shout', arguments: SLOW, _meta: { progressToken: 1 } }
  const answer = await fetch(`${stack.client.url}/mcp`, {
    method: 'POST',
    signal: line.signal,
    headers: {
      ...{ authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
      accept: 'application/json, text/event-stream',
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params }),
  })
  expect(answer.status).toBe(200)
  const job = await until('the job runs', async () => {
    const found = await newest()
    return found && found.id !== before?.id && found.status === 'running' ? found : undefined
  })
  const followed = async () => {
    const text = await (await stack.client.request('/metrics')).text()
    return Number(/^millrace_event_streams (\d+)/m.exec(text)?.[1])
  }
  expect(await followed()).toBe(1)
  line.abort()
  await until('nobody follows the job', async () => (await followed()) === 0)
  const { status, cancel_requested } = await stack.client.job(job.id)
  expect([status, cancel_requested]).toEqual(['running', false])
  await stack.client.request(`/v1/jobs/${job.id}/cancel`, { method: 'POST' })
})
