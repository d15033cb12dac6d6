import { type Problem, problemSchema } from '@millrace/contracts'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createFixture } from '../app.fixture.ts'

type Fixture = Awaited<ReturnType<typeof createFixture>>
let api: Fixture

beforeEach(async () => {
  api = await createFixture()
})
afterEach(() => api.close())

const JOBS = '/v1/models/ocr/jobs'
const json = { 'content-type': 'application/json' }
const body = '{"input":{}}'

const post = (text: string, headers: Record<string, string> = json, path = JOBS) =>
  api.app.request(path, { method: 'POST', body: text, headers })

async function expectProblem(response: Response, code: Problem['code']): Promise<Problem> {
  const problem = problemSchema.parse(await response.json())
  expect(problem.code).toBe(code)
  expect(response.status).toBe(problem.status)
  return problem
}

test.each([
  ['/v1/jobs?limt=5', '/limt'],
  ['/v1/jobs?model=ocr&model=echo', '/model'],
  ['/v1/jobs?status=queued&status=faild', '/status/1'],
  ['/v1/jobs?status=queued,', '/status/1'],
  ['/v1/jobs?metadata[order]=1&metadata[order]=2', '/metadata[order]'],
  ['/v1/jobs?metadata=order', '/metadata'],
  ['/v1/jobs?metadata[__proto__]=a', '/metadata[__proto__]'],
  ['/v1/jobs?model[a]=ocr', '/model[a]'],
  ['/v1/failures?status=failed', '/status'],
  ['/v1/jobs?limit=0x10', '/limit'],
  ['/v1/jobs?limit=1e1', '/limit'],
  ['/v1/jobs?__proto__=1&__proto__=2', '/__proto__'],
  [`/v1/jobs/job_${'0'.repeat(34)}?wiat=5`, '/wiat'],
])('refuses what %s asks for rather than ignore it', async (path, at) => {
  const problem = await expectProblem(await api.app.request(path), 'invalid_request')
  expect(problem.errors?.[0]?.path).toBe(at)
})

test('refuses a wait in the query of a submit, a compressed body, and a start after the year 9999', async () => {
  await expectProblem(await post(body, json, `${JOBS}?wait=5`), 'invalid_request')
  await expectProblem(await post(body, { ...json, 'content-encoding': 'gzip' }), 'unsupported_media_type')
  await expectProblem(await post('{"input":{},"run_at":"9999-12-31T23:59:59Z"}'), 'invalid_request')
  expect(api.submitted).toEqual([])
  expect((await post(body, { ...json, 'content-encoding': 'identity' })).status).toBe(202)
})

test('asks for a key in its documents only where one is set', async () => {
  const securityOf = async ({ app }: Fixture) => {
    const all = (await (await app.request('/openapi.json')).json()) as { paths: Record<string, unknown> }
    const headers = { authorization: `Bearer ${'k'.repeat(20)}` }
    const own = await (await app.request('/v1/models/ocr/openapi.json', { headers })).json()
    return [all.paths['/v1/jobs'], (own as typeof all).paths[JOBS]].map((path) =>
      JSON.stringify(path).includes('apiKey'),
    )
  }
  expect(await securityOf(api)).toEqual([false, false])
  const keyed = await createFixture({ config: { ...api.deps.config, apiKey: 'k'.repeat(20) } })
  expect(await securityOf(keyed)).toEqual([true, true])
  await keyed.close()
})
