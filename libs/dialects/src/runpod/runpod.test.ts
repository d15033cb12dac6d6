import type { JobRecord } from '@millrace/contracts'
import { expect, it } from 'vitest'
import { aRecord } from '../../../../test/support/a-record.ts'
import { readRunpodRequest, toRunpodJob } from '../index.ts'

const created_at = '2026-01-01T00:00:00.000Z'
const record = aRecord()
const newJobRecord = (change: Partial<JobRecord> = {}): JobRecord => ({ ...record, created_at, ...change })

it('shows a job by what is known of it', () => {
  const { id } = newJobRecord()
  expect(toRunpodJob(newJobRecord(), null)).toEqual({ id, status: 'IN_QUEUE' })
  const running = newJobRecord({ status: 'running', started_at: '2026-01-01T00:00:00.010Z', worker: 'w1' })
  expect(toRunpodJob(running, null)).toEqual({ id, status: 'IN_PROGRESS', delayTime: 10, workerId: 'w1' })
  const ended = { ...running, status: 'succeeded', run_seconds: 0.02 } as const
  expect(toRunpodJob(ended, { text: 'HELLO' })).toEqual({
    ...{ id, status: 'COMPLETED', delayTime: 10, workerId: 'w1', executionTime: 20, output: { text: 'HELLO' } },
  })
})

it('tells an error, and no output beside it: clients would take it for that of a success', () => {
  const failed = (code: 'model_error' | 'timeout' | 'expired') =>
    toRunpodJob(
      newJobRecord({ status: 'failed', error: { code, message: 'model said no', retryable: true, attempt: 1 } }),
      ['partial'],
    )
  const [one, ...overdue] = (['model_error', 'timeout', 'expired'] as const).map(failed)
  expect(one).toMatchObject({ status: 'FAILED', error: 'model said no' })
  expect(one).not.toHaveProperty('output')
  expect(overdue.map(({ status }) => status)).toEqual(['TIMED_OUT', 'TIMED_OUT'])
})

it('reads the webhook and the policy of a request, and leaves the rest unread', () => {
  const policy = { executionTimeout: 5000, ttl: 60_000, lowPriority: true }
  const webhook = 'https://h/hook'
  expect(readRunpodRequest({ input: { a: 1 }, webhook, policy, s3Config: {} })).toEqual({
    ...{ input: { a: 1 }, webhook, timeout: 5, expires_in: 60, priority: 'low' },
  })
  const most = readRunpodRequest({ input: {}, policy: { executionTimeout: 1e12, ttl: 1e12, lowPriority: false } })
  expect(most).toEqual({ input: {}, timeout: 86_400, expires_in: 30 * 86_400 })
  expect(readRunpodRequest({ input: {}, webhook: null, policy: { executionTimeout: 0, ttl: null } })).toEqual({
    input: {},
  })
})

it.each([
  [{}, '/input'],
  [{ input: 'x' }, '/input'],
  [{ input: [] }, '/input'],
  [{ input: {}, webhook: 7 }, '/webhook'],
  [{ input: {}, policy: [] }, '/policy'],
  [{ input: {}, policy: { ttl: '1' } }, '/policy/ttl'],
  [{ input: {}, policy: { executionTimeout: -1 } }, '/policy/executionTimeout'],
])('refuses %j', (body, path) => {
  expect(readRunpodRequest(body)).toMatchObject({ path })
})
