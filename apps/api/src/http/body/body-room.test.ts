import { ProblemError } from '@millrace/contracts'
import { expect, test } from 'vitest'
import { inBodyRoom } from './body-room.ts'

const MB = 1024 * 1024
const bodyOf = (bytes?: number) =>
  new Request('http://localhost', {
    ...{ method: 'POST', body: 'x' },
    headers: bytes === undefined ? {} : { 'content-length': String(bytes) },
  })

test('many large bodies at once find no room, small ones do, and there is room again when some are done', async () => {
  const end: (() => void)[] = []
  const hold = () => new Promise<void>((resolve) => end.push(resolve))
  const held = Array.from({ length: 128 }, (_, i) => inBodyRoom(bodyOf(i % 2 ? MB : undefined), MB, hold))
  await expect(inBodyRoom(bodyOf(MB), MB, hold)).rejects.toMatchObject({
    code: 'overloaded',
    options: { retryAfter: 1 },
  })
  await expect(inBodyRoom(bodyOf(), MB, hold)).rejects.toThrow(ProblemError)
  end.pop()?.()
  await held.at(-1)
  expect(await inBodyRoom(bodyOf(200), MB, async () => 'done')).toBe('done')
  await expect(
    inBodyRoom(bodyOf(MB / 2), MB, async () => {
      throw new Error('broken')
    }),
  ).rejects.toThrow('broken')
  expect(await inBodyRoom(bodyOf(MB), MB, async () => 'done')).toBe('done')
  for (const one of end) one()
  await Promise.all(held)
})
