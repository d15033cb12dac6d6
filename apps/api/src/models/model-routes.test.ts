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
