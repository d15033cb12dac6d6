import type { Example } from '@millrace/contracts'
import { expect, test } from 'vitest'
import { createFixture, testManifest } from '../app.fixture.ts'

interface Model {
  examples?: Example[]
}

test('shows the examples of a model where it is asked about that model alone, and in its document', async () => {
  const examples = [{ name: 'plain', input: { text: 'a' } }, { input: { lang: 'deu' } }]
  const plain = await createFixture()
  const state = { ...(await plain.deps.models.get('ocr')), manifest: { ...testManifest, examples } }
  const models = { ...plain.deps.models, get: async () => state, list: async () => [state] } as typeof plain.deps.models
  const api = await createFixture({ models })
  const read = async (path: string) => (await (await api.app.request(path)).json()) as never

  expect(((await read('/v1/models/ocr')) as Model).examples).toEqual(examples)
  const { data } = (await read('/v1/models')) as { data: Model[] }
  expect(data).toHaveLength(1)
  expect(data[0]).not.toHaveProperty('examples')
  const document = (await read('/v1/models/ocr/openapi.json')) as {
    paths: Record<string, { post: { requestBody: { content: Record<string, { examples: unknown }> } } }>
  }
  expect(document.paths['/v1/models/ocr/jobs']?.post.requestBody.content['application/json']?.examples).toEqual({
    example1: { summary: 'plain', value: { input: { text: 'a' } } },
    example2: { value: { input: { lang: 'deu' } } },
  })
  await Promise.all([api.close(), plain.close()])
})

test('tells the manifest of another version than the current one, and refuses one that was never there', async () => {
  const plain = await createFixture()
  const before = { ...testManifest, version: '0.9.0', description: 'The one before.', examples: undefined }
  const version = async (_: string, asked: string) => (asked === '0.9.0' ? before : undefined)
  const models = { ...plain.deps.models, version } as typeof plain.deps.models
  const api = await createFixture({ models })
  const told = await api.app.request('/v1/models/ocr?version=0.9.0')
  expect(await told.json()).toMatchObject({ name: 'ocr', version: '0.9.0', description: 'The one before.', workers: 1 })
  expect(
    ((await (await api.app.request('/v1/models/ocr?version=1.0.0')).json()) as Model & { version: string }).version,
  ).toBe('1.0.0')
  const refused = await api.app.request('/v1/models/ocr?version=7')
  expect(refused.status).toBe(409)
  expect(await refused.json()).toMatchObject({ code: 'version_not_available' })
  await Promise.all([api.close(), plain.close()])
})
