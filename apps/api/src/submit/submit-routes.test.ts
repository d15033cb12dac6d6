import type { Problem } from '@millrace/contracts'
import { newJobId } from '@millrace/queue'
import { expect, onTestFinished, test } from 'vitest'
import { createFixture } from '../app.fixture.ts'

test('a submit under the key of a purged job names that job, and leaves no file behind', async () => {
  const api = await createFixture()
  onTestFinished(() => api.close())
  const id = newJobId('ocr')
  api.control.submit = async () => ({ outcome: 'purged', id })
  const response = await api.app.request('/v1/models/ocr/jobs', {
    method: 'POST',
    body: JSON.stringify({ input: { image: 'data:image/x-raw;base64,AAAA' } }),
    headers: { 'content-type': 'application/json', 'idempotency-key': 'k' },
  })
  const problem = (await response.json()) as Problem
  expect([response.status, problem.code, problem.job_id]).toEqual([410, 'job_purged', id])
  expect(problem.detail).toContain(id)
  expect(await api.storedKeys()).toEqual([])
})
