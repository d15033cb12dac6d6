import { expect, test } from 'vitest'
import { createLinkPlaces } from './link-places.ts'

const job = (tenant: string, ...hosts: string[]) => ({ tenant, hosts })

test('a tenant has so many places at a host, and another tenant or host has its own', () => {
  const places = createLinkPlaces({ inAll: 10, perHost: 2 })
  const leave = places.enter(job('a', 'slow'))
  places.enter(job('a', 'slow', 'other'))
  expect(places.enter(job('a', 'third', 'slow'))).toBeUndefined()
  expect([places.enter(job('a', 'third')), places.enter(job('b', 'slow'))]).toEqual([
    expect.any(Function),
    expect.any(Function),
  ])
  leave?.()
  expect(places.enter(job('a', 'slow'))).toBeDefined()
})

test('a worker has so many places in all', () => {
  const places = createLinkPlaces({ inAll: 2, perHost: 2 })
  const leave = places.enter(job('a', 'one'))
  places.enter(job('b', 'two'))
  expect(places.enter(job('c', 'three'))).toBeUndefined()
  leave?.()
  expect(places.enter(job('c', 'three'))).toBeDefined()
})

test('those that find no place come back one after the other, none sooner than in a second', () => {
  let now = 0
  const places = createLinkPlaces({ now: () => now })
  expect([places.turnAway(), places.turnAway(), places.turnAway()]).toEqual([1000, 1020, 1040])
  now = 5000
  expect(places.turnAway()).toBe(1000)
})
