import { expect, it } from 'vitest'
import { forEachLimited } from './for-each-limited.ts'

it('works through all in order, no more at once than allowed', async () => {
  let [running, most] = [0, 0]
  const done: string[] = []
  await forEachLimited(['a', 'b', 'c', 'd', 'e'], 2, async (item, index) => {
    most = Math.max(most, ++running)
    await Promise.resolve()
    done.push(`${index}${item}`)
    running--
  })
  expect(done).toEqual(['0a', '1b', '2c', '3d', '4e'])
  expect(most).toBe(2)
})

it('begins nothing after a failure, waits for what was begun, and rejects with the first error', async () => {
  const begun: string[] = []
  const ended: string[] = []
  let end: () => void = () => undefined
  const all = forEachLimited(['slow', 'broken', 'never'], 2, async (item) => {
    begun.push(item)
    if (item === 'broken') throw new Error('broken')
    await new Promise<void>((resolve) => (end = resolve))
    ended.push(item)
    throw new Error('too late to be told')
  })
  let isOver = false
  all.catch(() => (isOver = true))
  await new Promise((resolve) => setImmediate(resolve))
  expect([begun, isOver]).toEqual([['slow', 'broken'], false])
  end()
  await expect(all).rejects.toThrow('broken')
  expect(ended).toEqual(['slow'])
})
