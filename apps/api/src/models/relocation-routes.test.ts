import { manifestSchema, problemSchema, type Relocation } from '@millrace/contracts'
import { lineOfContract } from '@millrace/queue'
import { expect, onTestFinished, test } from 'vitest'
import { createFixture } from '../app.fixture.ts'

const manifest = manifestSchema.parse({ name: 'ocr', version: '2', input_schema: {}, output_schema: {} })
const state = { versions: [], lines: [], pauses: { model: null, versions: {} } }

async function setUp() {
  const begun: unknown[] = []
  const models = {
    loads: async () => [],
    versions: async (name: string) => (name === 'ocr' ? state : undefined),
    version: async (_name: string, version: string) => (version === '2' ? manifest : undefined),
  }
  const told = { object: 'relocation', id: 'mov_1', model: 'ocr', status: 'running' } as Relocation
  const api = await createFixture({
    models: models as never,
    relocations: {
      begin: async (...wish) => (begun.push(wish), 'mov_1'),
      get: async (_model, id) => (id === 'mov_1' ? told : undefined),
    },
  })
  onTestFinished(() => api.close())
  const move = (body: unknown, model = 'ocr') =>
    api.app.request(`/v1/models/${model}/move`, {
      ...{ method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) },
    })
  return { api, begun, move }
}

test('begins a move, and tells where to read how far it is', async () => {
  const { api, begun, move } = await setUp()
  const answer = await move({ from: { version: '1' }, to: '2' })
  expect([answer.status, await answer.json()]).toMatchObject([202, { id: 'mov_1', status: 'running' }])
  expect(begun).toEqual([['ocr', { from: { version: '1' }, to: '2', dry_run: false }, manifest]])
  const path = new URL(answer.headers.get('location') ?? '', 'http://localhost').pathname
  expect((await api.app.request(path)).status).toBe(200)
  expect((await api.app.request(`${path}2`)).status).toBe(404)
})

test('refuses what it cannot or need not do, and begins nothing', async () => {
  const { begun, move } = await setUp()
  const contract = lineOfContract(manifest, 'prediction').slice(2)
  const refused = async (body: unknown, model?: string) => {
    const { code, errors } = problemSchema.parse(await (await move(body, model)).json())
    return [code, errors?.[0]?.path]
  }
  expect(await refused({ from: { version: '2' }, to: '2' })).toEqual(['invalid_request', '/from/version'])
  expect(await refused({ from: { contract }, to: '2' })).toEqual(['invalid_request', '/from/contract'])
  expect(await refused({ from: { version: '1' }, to: '3' })).toEqual(['version_not_available', undefined])
  expect(await refused({ from: { version: '1' }, to: '2' }, 'none')).toEqual(['model_not_found', undefined])
  expect(await refused({ from: {}, to: '2' })).toEqual(['invalid_request', '/from'])
  expect(await refused({ from: { version: '1', contract }, to: '2' })).toEqual(['invalid_request', '/from'])
  expect(begun).toEqual([])
})
