import { expect, it } from 'vitest'
import { createLimiter } from './create-limiter.ts'

it('runs no more at once than allowed, in the order in which they came', async () => {
  const limited = createLimiter(2)
  const begun: number[] = []
  const ends: (() => void)[] = []
  const all = [0, 1, 2, 3].map((n) =>
    limited(() => {
      begun.push(n)
      return new Promise<number>((resolve) => ends.push(() => resolve(n)))
    }),
  )
  await Promise.resolve()
  expect(begun).toEqual([0, 1])
  ends[1]?.()
  await all[1]
  expect(begun).toEqual([0, 1, 2])
  ends[0]?.()
  ends[2]?.()
  await all[2]
  ends[3]?.()
  expect(await Promise.all(all)).toEqual([0, 1, 2, 3])
})

it('gives on the place of work that failed', async () => {
  const limited = createLimiter(1)
  const failed = limited(() => Promise.reject(new Error('broken')))
  const next = limited(async () => 'done')
  await expect(failed).rejects.toThrow('broken')
  expect(await next).toBe('done')
})
