/** The modules on docs/hooks.md do what the page says, as they stand there. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { EndHook, type EndedJob, openConfiguredHooks, type Submission, SubmitHook } from '@millrace/hooks'
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from 'vitest'

const page = await readFile(new URL('../../../docs/hooks.md', import.meta.url), 'utf8')
const modules = new Map(
  [...page.matchAll(/```ts\n\/\/ ([\w-]+\.ts)\n(.*?)```/gs)].map(([, name = '', text = '']) => [name, text]),
)
let folder: string
beforeAll(async () => {
  // Where the package of hooks is found.
  const cache = fileURLToPath(new URL('../../../node_modules/.cache/', import.meta.url))
  await mkdir(cache, { recursive: true })
  folder = await mkdtemp(join(cache, 'hooks-page-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function load(name: string) {
  const hooks = join(folder, name)
  await writeFile(hooks, modules.get(name) ?? '')
  return (await openConfiguredHooks({ hooks })) ?? {}
}

async function ask(name: string, about: Partial<Submission>) {
  const { beforeSubmit } = await load(name)
  if (!beforeSubmit) throw new Error(`${name} has no beforeSubmit`)
  return new SubmitHook(beforeSubmit, { withinMs: 5000 }).ask({
    principal: { tenant: 'acme', key: null, scopes: [] },
    ...{ model: 'ocr', version: '1', kind: 'prediction', input: {}, metadata: {}, dryRun: false, ...about },
  })
}

/** A service that answers so, and what it was sent. */
async function serve(variable: string, answer: (body: string) => { status?: number; body: string }) {
  const seen: { url: URL; body: string }[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => (body += String(chunk)))
    request.on('end', () => {
      seen.push({ url: new URL(request.url ?? '', 'http://localhost'), body })
      const { status = 200, body: text } = answer(body)
      response.writeHead(status).end(text)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  vi.stubEnv(variable, `http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  onTestFinished(() => {
    vi.unstubAllEnvs()
    server.close()
  })
  return seen
}

it('moderation: what the service flags is refused with its reason, and nothing passes while it is away', async () => {
  let status = 200
  await serve('MODERATION_URL', (body) => ({
    status,
    body: JSON.stringify({ flagged: body.includes('rude'), reason: 'This is rude.' }),
  }))
  expect(await ask('moderation.ts', { input: { text: 'kind' } })).toEqual({ outcome: 'taken' })
  expect(await ask('moderation.ts', { input: { text: 'rude' } })).toEqual({
    outcome: 'refused',
    reason: 'This is rude.',
  })
  status = 500
  await expect(ask('moderation.ts', {})).rejects.toThrow('beforeSubmit threw')
})

it('cost centre: it is the one that was named, or that of the tenant, and there must be one', async () => {
  expect(await ask('cost-centre.ts', { metadata: { a: 'b' } })).toMatchObject({
    metadata: { a: 'b', cost_centre: '4711' },
  })
  expect(await ask('cost-centre.ts', { metadata: { cost_centre: '12' } })).toMatchObject({
    metadata: { cost_centre: '12' },
  })
  const principal = { tenant: 'other', key: null, scopes: [] }
  expect(await ask('cost-centre.ts', { principal })).toMatchObject({ outcome: 'refused' })
})

it('database: one row for each job, with a token that lets the database drop a second one', async () => {
  let status = 503
  const seen = await serve('CLICKHOUSE_URL', () => ({ status, body: '' }))
  const { afterEnd } = await load('database.ts')
  const tell = () =>
    new EndHook(afterEnd ?? (() => expect.fail('there is no afterEnd'))).tell(
      {
        ...{ id: 'job_1', tenant: 'acme', model: 'ocr', status: 'succeeded', finished_at: '2026-01-01T00:00:00.000Z' },
        ...{ metadata: { cost_centre: '4711' }, metrics: { run_seconds: 2 } },
      } as unknown as EndedJob,
      { id: 'evt_1', attempt: 1 },
      new AbortController().signal,
    )
  await expect(tell()).rejects.toThrow('afterEnd threw')
  status = 200
  await tell()
  expect(seen.map(({ url }) => url.searchParams.get('insert_deduplication_token'))).toEqual(['evt_1', 'evt_1'])
  expect(JSON.parse(seen[1]?.body ?? '')).toEqual({
    ...{ job: 'job_1', tenant: 'acme', model: 'ocr', status: 'succeeded', seconds: 2, cost_centre: '4711' },
    finished_at: '2026-01-01T00:00:00.000Z',
  })
})
