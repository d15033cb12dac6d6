import { ProblemError } from '@millrace/contracts'
import { expect, test } from 'vitest'
import { storeBudget } from './store-budget.ts'

const never = () => new Promise<never>(() => undefined)
const after = (ms: number) => new Promise<string>((resolve) => setTimeout(resolve, ms, 'an answer'))

async function codeOf(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'none',
    (error: unknown) => (error instanceof ProblemError ? error.code : String(error)),
  )
}

test('a store that answers nobody is told to be away when the budget of a request is spent', async () => {
  const budget = storeBudget(100)
  expect(await codeOf(budget(never()))).toBe('unavailable')
  expect(await codeOf(budget(never()))).toBe('unavailable')
})

test('a request whose answer lies there while this process is busy gets it', async () => {
  const call = storeBudget(200)(after(10))
  const started = performance.now()
  while (performance.now() - started < 600);
  expect(await call).toBe('an answer')
})

test('while the store answers others, a request waits beyond its budget', async () => {
  const budget = storeBudget(50)
  await storeBudget()(after(0))
  expect(await budget(after(400))).toBe('an answer')
})
