import type { JobRecord } from '@millrace/contracts'
import { newJobId } from '@millrace/queue'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { aRecord } from '../../../../../../test/support/a-record.ts'
import type { AnswerDeps } from './job-answer.ts'
import { createdTask, taskOf } from './task.ts'

/** The shapes of the extension, as its specification has them. */
const head = z.strictObject({
  taskId: z.string(),
  statusMessage: z.string().optional(),
  createdAt: z.iso.datetime(),
  lastUpdatedAt: z.iso.datetime(),
  ttlMs: z.int().nullable(),
  pollIntervalMs: z.int().optional(),
})
const created = head.extend({ resultType: z.literal('task'), status: z.literal('working') })
const result = z.object({ content: z.array(z.object({ type: z.string() })), isError: z.boolean().optional() })
const got = z.discriminatedUnion('status', [
  head.extend({ resultType: z.literal('complete'), status: z.literal('working') }),
  head.extend({ resultType: z.literal('complete'), status: z.literal('cancelled') }),
  head.extend({ resultType: z.literal('complete'), status: z.literal('completed'), result }),
])

const id = newJobId('ocr')
const record = (changes: Partial<JobRecord> = {}): JobRecord => ({ ...aRecord({ id }), ...changes })
const deps = { values: { output: async () => 'hi' } } as unknown as AnswerDeps

it('is what the specification says when it is made', () => {
  expect(created.parse(createdTask(record()))).toMatchObject({ taskId: id, ttlMs: null })
})

it.each([
  ['queued', 'working'],
  ['running', 'working'],
  ['succeeded', 'completed'],
  // A failure of the model is a result. The protocol has not failed.
  ['failed', 'completed'],
  ['canceled', 'cancelled'],
] as const)('shows a job that is %s as %s', async (status, shown) => {
  const output = status === 'succeeded' ? { inline: '"hi"' } : null
  const task = got.parse(await taskOf(record({ status, output }), deps, ''))
  expect(task.status).toBe(shown)
  if (task.status === 'completed') expect(task.result.isError).toBe(status === 'failed' ? true : undefined)
})

it('counts its life from its creation to its purge', async () => {
  const times = { created_at: '2026-01-01T00:00:00.000Z', purge_at: '2026-01-02T00:00:00.000Z' }
  const task = await taskOf(record({ ...times, status: 'canceled' }), deps, '')
  expect(task.ttlMs).toBe(86_400_000)
})
