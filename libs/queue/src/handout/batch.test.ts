import { expect, test } from 'vitest'
import { until } from '../../../../test/support/until.ts'
import { Batch } from './batch.ts'

/** A batch whose calls the test answers; each answer is ten times the item. */
function aBatch(most = 3, patience?: () => number) {
  const calls: number[][] = []
  const open: { resolve(): void; reject(error: Error): void }[] = []
  const call = (items: number[]): Promise<number[]> => {
    calls.push(items)
    return new Promise((resolve, reject) => {
      open.push({ resolve: () => resolve(items.map((item) => item * 10)), reject })
    })
  }
  const batch = new Batch<number, number>(most, call, patience)
  return { batch, calls, answer: () => open.shift()?.resolve(), refuse: () => open.shift()?.reject(new Error('no')) }
}
const turn = () => new Promise((resolve) => setImmediate(resolve))

test('what is asked for in one turn shares a call, and each gets its own answer', async () => {
  const { batch, calls, answer } = aBatch()
  const asked = [batch.add(1), batch.add(2), Promise.resolve().then(() => batch.add(3))]
  await turn()
  expect(calls).toEqual([[1, 2, 3]])
  answer()
  expect(await Promise.all(asked)).toEqual([10, 20, 30])
})

test('what comes while a call is under way goes with the next, of which none is larger than it may be', async () => {
  const { batch, calls, answer } = aBatch(2)
  const asked = [batch.add(1)]
  await turn()
  asked.push(...[2, 3, 4].map((item) => batch.add(item)))
  await turn()
  expect(calls).toEqual([[1]])
  for (let call = 0; call < 3; call++) {
    answer()
    await turn()
  }
  expect(calls).toEqual([[1], [2, 3], [4]])
  expect(await Promise.all(asked)).toEqual([10, 20, 30, 40])
})

test('a refusal is told to those who were in that call, and the next goes on', async () => {
  const { batch, answer, refuse } = aBatch()
  const first = batch.add(1)
  await turn()
  const second = batch.add(2)
  refuse()
  await expect(first).rejects.toThrow('no')
  await turn()
  answer()
  expect(await second).toBe(20)
})

test('a call can be had without an item: one more, however often it is asked for, also while one is under way', async () => {
  const { batch, calls, answer } = aBatch()
  batch.flush()
  batch.flush()
  await turn()
  expect(calls).toEqual([[]])
  batch.flush()
  batch.flush()
  answer()
  await turn()
  expect(calls).toEqual([[], []])
  answer()
  await turn()
  expect(calls).toHaveLength(2)
})

test('it is idle when no call is under way or due', async () => {
  const { batch, answer } = aBatch(1)
  await batch.idle()
  const asked = [batch.add(1), batch.add(2)]
  let idle = false
  const waiting = batch.idle().then(() => (idle = true))
  await turn()
  answer()
  await turn()
  expect(idle).toBe(false)
  answer()
  await Promise.all([...asked, waiting])
  expect(idle).toBe(true)
})

test('a call that need not hurry takes along what comes meanwhile, and goes when its time is over', async () => {
  const { batch, calls } = aBatch(3, () => (calls.length === 0 ? 30 : 0))
  void batch.add(1)
  await turn()
  void batch.add(2)
  await turn()
  expect(calls).toEqual([])
  await until('it goes', () => calls.length > 0)
  expect(calls).toEqual([[1, 2]])
})

test('a call that waits for others goes at once with the first that is to hurry', async () => {
  let ms = 3_600_000
  const { batch, calls } = aBatch(3, () => ms)
  void batch.add(1)
  await turn()
  ms = 0
  void batch.add(2)
  await turn()
  expect(calls).toEqual([[1, 2]])
})
