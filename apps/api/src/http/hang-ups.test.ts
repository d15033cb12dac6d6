import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import type { ApiContext } from './api-deps.ts'
import { HangUps } from './hang-ups.ts'

/** As much of a request as is looked at. */
function request() {
  const outgoing = Object.assign(new EventEmitter(), { destroyed: false })
  return { outgoing, context: { env: { outgoing } } as unknown as ApiContext }
}

test('tells a request that its client has gone, and the others nothing', () => {
  const hangUps = new HangUps(new AbortController().signal)
  const [left, stays] = [request(), request()]
  const told: string[] = []
  hangUps.listen(left.context, () => told.push('left'))
  hangUps.listen(stays.context, () => told.push('stays'))
  left.outgoing.emit('close')
  expect(told).toEqual(['left'])
})

test('tells all that the server closes, and at once those that come later', () => {
  const closing = new AbortController()
  const hangUps = new HangUps(closing.signal)
  const told: string[] = []
  hangUps.listen(request().context, () => told.push('first'))
  hangUps.listen({} as ApiContext, () => told.push('without a server'))
  closing.abort()
  hangUps.listen(request().context, () => told.push('late'))
  expect(told).toEqual(['first', 'without a server', 'late'])
})

test('tells at once that a client had gone before, and nothing that was taken back', () => {
  const closing = new AbortController()
  const hangUps = new HangUps(closing.signal)
  const [gone, answered] = [request(), request()]
  gone.outgoing.destroyed = true
  const told: string[] = []
  hangUps.listen(gone.context, () => told.push('gone'))
  const takeBack = hangUps.listen(answered.context, () => told.push('answered'))
  takeBack()
  answered.outgoing.emit('close')
  closing.abort()
  expect(told.filter((word) => word === 'answered')).toEqual([])
  expect(told[0]).toBe('gone')
  expect(answered.outgoing.listenerCount('close')).toBe(0)
})
