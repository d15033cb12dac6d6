import { ProblemError } from '@millrace/contracts'
import { expect, test } from 'vitest'
import { BodyRoom } from './body-room.ts'

const MB = 1024 * 1024
const bodyOf = (bytes?: number) =>
  new Request('http://localhost', {
    ...{ method: 'POST', body: 'x' },
    headers: bytes === undefined ? {} : { 'content-length': String(bytes) },
  })

test('many large bodies at once find no room, small ones do, and there is room again when some are done', async () => {
  const room = new BodyRoom(MB)
  const end: (() => void)[] = []
  const hold = () => new Promise<void>((resolve) => end.push(resolve))
  const held = Array.from({ length: 128 }, (_, i) => room.hold(bodyOf(i % 2 ? MB : undefined), hold))
  await expect(room.hold(bodyOf(MB), hold)).rejects.toMatchObject({
    code: 'overloaded',
    options: { retryAfter: 1 },
  })
  await expect(room.hold(bodyOf(), hold)).rejects.toThrow(ProblemError)
  end.pop()?.()
  await held.at(-1)
  expect(await room.hold(bodyOf(200), async () => 'done')).toBe('done')
  await expect(
    room.hold(bodyOf(MB / 2), async () => {
      throw new Error('broken')
    }),
  ).rejects.toThrow('broken')
  expect(await room.hold(bodyOf(MB), async () => 'done')).toBe('done')
  for (const one of end) one()
  await Promise.all(held)
})

test('one of several processes has its part of the room, and always room for one', async () => {
  const hold = () => new Promise<void>(() => undefined)
  const half = new BodyRoom(MB, 1 / 2)
  for (let i = 0; i < 64; i++) void half.hold(bodyOf(MB), hold)
  await expect(half.hold(bodyOf(MB), hold)).rejects.toMatchObject({ code: 'overloaded' })
  const small = new BodyRoom(MB, 1 / 1000)
  expect(await small.hold(bodyOf(MB), async () => 'done')).toBe('done')
})
