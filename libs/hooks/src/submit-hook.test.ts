import { expect, it } from 'vitest'
import type { Submission } from './define-hooks.ts'
import { EndHook } from './end-hook.ts'
import { HookError } from './hook-error.ts'
import { SubmitHook } from './submit-hook.ts'

const submission: Omit<Submission, 'signal'> = {
  principal: { tenant: 'acme', key: null, scopes: [] },
  ...{ model: 'ocr', version: '1', kind: 'prediction', input: {}, metadata: {}, dryRun: false },
}
const ask = (answer: () => unknown, limits = {}) => new SubmitHook(answer as never, limits).ask(submission)

it.each([
  [undefined, { outcome: 'taken' }],
  [null, { outcome: 'taken' }],
  [{}, { outcome: 'taken' }],
  [{ refuse: 'No.' }, { outcome: 'refused', reason: 'No.' }],
  [{ refuse: 'x'.repeat(900) }, { outcome: 'refused', reason: 'x'.repeat(500) }],
  [{ input: { a: 1, b: undefined } }, { outcome: 'taken', input: '{"a":1}' }],
  [{ metadata: { a: 'b' } }, { outcome: 'taken', metadata: { a: 'b' } }],
])('reads %j', async (answer, verdict) => {
  expect(await ask(() => answer)).toEqual(verdict)
  expect(await ask(async () => answer)).toEqual(verdict)
})

const circle: Record<string, unknown> = {}
circle['self'] = circle
it.each([
  ['a word', () => 'no'],
  ['an input that is none', () => ({ input: [] })],
  ['a circle', () => ({ input: circle })],
  ['a number that JSON has not', () => ({ input: { n: 1n } })],
  ['a misspelling', () => ({ refused: 'No.' })],
  ['both', () => ({ refuse: 'No.', input: {} })],
])('takes %s for a fault', async (_what, answer) => {
  await expect(ask(answer)).rejects.toBeInstanceOf(HookError)
})

it('takes an error for a fault, and keeps it for the log', async () => {
  const cause = new Error('the database is away')
  await expect(ask(() => Promise.reject(cause))).rejects.toMatchObject({ name: 'HookError', cause })
  await expect(
    ask(() => {
      throw cause
    }),
  ).rejects.toMatchObject({ name: 'HookError', cause })
})

it('waits no longer than it may, tells the hook, and lets only so many hang', async () => {
  const told: unknown[] = []
  const hook = new SubmitHook(
    ({ signal }) =>
      new Promise((resolve) => signal.addEventListener('abort', () => told.push([signal.aborted, resolve]))),
    { withinMs: 20, atOnce: 2 },
  )
  const asked = await Promise.allSettled([1, 2, 3].map(() => hook.ask(submission)))
  expect(asked.map((one) => one.status === 'rejected' && (one.reason as Error).message)).toEqual([
    'beforeSubmit took longer than 20 ms',
    'beforeSubmit took longer than 20 ms',
    '2 calls of beforeSubmit have not ended',
  ])
  expect(told).toHaveLength(2)
})

it('tells of an end in bounded time too', async () => {
  const { signal } = new AbortController()
  const tell = (hook: () => unknown, stopped = signal) =>
    new EndHook(hook, 20).tell({} as never, { id: 'evt_1', attempt: 1 }, stopped)
  await tell(() => undefined)
  await expect(tell(() => new Promise(() => undefined))).rejects.toThrow('afterEnd took longer than 20 ms')
  await expect(tell(() => Promise.reject(new Error('no')))).rejects.toThrow('afterEnd threw')
  await expect(tell(() => undefined, AbortSignal.abort('stopping'))).rejects.toBe('stopping')
})
