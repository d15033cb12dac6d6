import { type JobEvent, LIMITS } from '@millrace/contracts'
import { expect, test } from 'vitest'
import { EventBacklog } from './event-backlog.ts'

const said = (message: string): JobEvent => ({ type: 'log', level: 'info', message })
const messages = (batch: { event: JobEvent }[]) => batch.map(({ event }) => event.type === 'log' && event.message)

test('what is put back comes before what came meanwhile, each with the number that it had', () => {
  const backlog = new EventBacklog()
  for (const text of ['one', 'two']) backlog.push(said(text))
  const batch = backlog.takeBatch()
  backlog.push(said('three'))
  backlog.putBack(batch)
  const again = backlog.takeBatch()
  expect(messages(again)).toEqual(['one', 'two', 'three'])
  expect(again.map(({ number }) => number)).toEqual([1, 2, 3])
  expect(backlog.isEmpty).toBe(true)
})

test('a batch ends where the numbers do, so that its first number tells them all', () => {
  const backlog = new EventBacklog()
  for (const text of ['one', 'two']) backlog.push(said(text))
  const batch = backlog.takeBatch()
  const large = LIMITS.eventBytesPerJob / 8
  for (let n = 3; n < 13; n++) backlog.push(said(`large ${n}`), large)
  backlog.putBack(batch)
  expect(messages(backlog.takeBatch())).toEqual(['one', 'two'])
  const [notice] = backlog.takeBatch()
  expect(messages([notice!])[0]).toMatch(/^\d+ log lines and output chunks were left out/)
  expect(notice!.number).toBe(2 + notice!.leftOut!)
})

test('what was cleared is gone, and takes no room', () => {
  const backlog = new EventBacklog()
  backlog.push(said('large'), LIMITS.eventBytesPerJob)
  expect([backlog.isFull, backlog.isEmpty]).toEqual([true, false])
  backlog.clear()
  expect([backlog.isFull, backlog.isEmpty]).toEqual([false, true])
})
