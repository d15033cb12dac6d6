/** Outputs that are too large to stand in an answer: all dialects tell where they are. */
import { newJobId } from '@millrace/queue'
import { expect, it, onTestFinished } from 'vitest'
import { aRecord } from '../../../../test/support/a-record.ts'
import { CONFIG, createFixture } from '../app.fixture.ts'

const TEXT = JSON.stringify('a'.repeat(16 * 1024 * 1024))

it('tells the address of a large output, which opens without a key', async () => {
  const fixture = await createFixture({ config: { ...CONFIG, apiKey: 'the-key' } })
  onTestFinished(fixture.close)
  const { app, objects, records } = fixture
  const id = newJobId('ocr')
  const key = `jobs/${id}/output`
  const bytes = Buffer.from(TEXT)
  await objects.put(key, bytes, { contentType: 'application/json' })
  const output = { stored: { key, size: bytes.length, sha256: '' } }
  const at = new Date().toISOString()
  const ended = { status: 'succeeded', output, started_at: at, finished_at: at, run_seconds: 1 } as const
  records.set(id, aRecord({ id, model: 'ocr', tenant: 'default' }, ended))

  const ask = (path: string, headers?: Record<string, string>) =>
    app.request(path, { headers: { host: 'localhost:8000', ...headers } })
  const told = async (path: string) => (await ask(path, { authorization: 'Bearer the-key' })).json()
  const { output: url } = (await told(`/replicate/v1/predictions/${id}`)) as { output: string }
  expect(url).toMatch(new RegExp(`^http://localhost:8000/v1/jobs/${id}/output\\?expires=\\d+&signature=`))
  expect(await told(`/runpod/v2/ocr/status/${id}`)).toMatchObject({ output: url })
  expect(await told(`/fal/queue/a/ocr/requests/${id}`)).toEqual({
    ...{ url, content_type: 'application/json', file_name: 'output.json', file_size: bytes.length },
  })

  const path = url.replace('http://localhost:8000', '')
  const read = await ask(path)
  expect([read.status, (await read.text()) === TEXT]).toEqual([200, true])
  expect((await ask(path.replace(/\?.*/, ''))).status).toBe(401)
  for (const wrong of [path.replace(id, newJobId('ocr')), path.replace(/expires=\d/, 'expires=9'), `${path}A`]) {
    expect((await ask(wrong)).status).toBe(403)
  }
})
