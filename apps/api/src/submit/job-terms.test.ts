import { type ProblemCode, problemSchema } from '@millrace/contracts'
import { expect, onTestFinished, test } from 'vitest'
import { createFixture, testManifest } from '../app.fixture.ts'

/** What a submit makes of the kind of a job. The rest of its ways is tested in app.test.ts and submit-job.test.ts. */

const JOBS = '/v1/models/ocr/jobs'

async function openApi(changes: Parameters<typeof createFixture>[0] = {}) {
  const api = await createFixture(changes)
  onTestFinished(() => api.close())
  const post = (body: object) =>
    api.app.request(JOBS, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  const refused = async (body: object, code: ProblemCode) => {
    const problem = problemSchema.parse(await (await post(body)).json())
    expect(problem.code).toBe(code)
    return problem
  }
  return { ...api, post, refused }
}

test('a training is checked by the schema of the training, and takes its time-out', async () => {
  const api = await openApi()
  const response = await api.post({ kind: 'training', input: {} })
  expect(await response.json()).toMatchObject({ kind: 'training', input: { epochs: 3 } })
  expect(api.submitted).toMatchObject([{ kind: 'training', timeoutSeconds: 86_400 }])
  const faulty = await api.refused({ kind: 'training', input: { lang: 'eng' } }, 'invalid_input')
  expect(faulty.errors).toMatchObject([{ path: '/input/lang', code: 'additionalProperties' }])
})

test('a training takes its files as parts, in whatever order they come', async () => {
  const api = await openApi()
  const form = new FormData()
  form.set('pages', new File(['PK\x03\x04'], 'pages.zip'))
  form.set('kind', 'training')
  form.set('input', '{"epochs":5}')
  const response = await api.app.request(JOBS, { method: 'POST', body: form })
  expect(await response.json()).toMatchObject({ kind: 'training', input: { epochs: 5 } })
  expect(api.submitted.at(-1)?.input.files).toMatchObject([{ pointer: '/pages', size: 4 }])
})

test('a training is refused by a model that has none, with what to do instead', async () => {
  const state = {
    manifest: { ...testManifest, training: null },
    workers: 1,
    queued: 0,
    running: 0,
    pauses: { model: null, versions: {} },
    tally: { requeued: 0, failed: 0, canceled: 0, expired: 0 },
  }
  const api = await openApi({ models: { get: async () => state, list: async () => [state] } as never })
  const refused = await api.refused({ kind: 'training', input: {} }, 'kind_not_supported')
  expect(refused.detail).toMatch(/ocr cannot be trained.*Leave `kind` out/)
  expect(api.submitted).toEqual([])
})

test('a prediction may take a day, a training a week', async () => {
  const api = await openApi()
  const problem = await api.refused({ input: {}, timeout: 90_000 }, 'invalid_request')
  expect(problem.errors).toMatchObject([{ path: '/timeout' }])
  expect((await api.post({ kind: 'training', input: {}, timeout: 90_000 })).status).toBe(202)
  await api.refused({ kind: 'training', input: {}, timeout: 700_000 }, 'invalid_request')
  await api.refused({ kind: 'other', input: {} }, 'invalid_request')
})
