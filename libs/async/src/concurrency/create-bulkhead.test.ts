import { expect, it } from 'vitest'
import { createBulkhead } from './create-bulkhead.ts'

it('holds so many places per host of a tenant, and gives back what was held', () => {
  const bulkhead = createBulkhead({ perHost: 2, inAll: 100 })
  const releases = [bulkhead.enter('anna', 'a'), bulkhead.enter('anna', 'a')]
  expect(bulkhead.enter('anna', 'a')).toBeUndefined()
  expect(bulkhead.enter('anna', 'b')).toBeTypeOf('function')
  expect(bulkhead.enter('bert', 'a')).toBeTypeOf('function')
  releases[0]?.()
  expect(bulkhead.enter('anna', 'a')).toBeTypeOf('function')
  expect(bulkhead.enter('anna', 'a')).toBeUndefined()
})

it('gives a tenant no more places than it leaves to the others, and no more than there are', () => {
  const bulkhead = createBulkhead({ perHost: 2, inAll: 8 })
  const taken = (tenant: string) => {
    const releases = Array.from({ length: 8 }, (_, host) => bulkhead.enter(tenant, String(host)))
    return releases.filter((release) => release !== undefined)
  }
  const [first, ...others] = ['anna', 'bert', 'carl', 'dora', 'emil'].map(taken)
  expect([first, ...others].map((places) => places?.length)).toEqual([4, 2, 1, 1, 0])
  for (const release of first ?? []) release()
  expect(taken('emil')).toHaveLength(2)
})

it('gives one that needs several hosts all of them or none', () => {
  const bulkhead = createBulkhead({ perHost: 1, inAll: 100 })
  const release = bulkhead.enterAll('anna', ['a', 'b', 'a'])
  expect(bulkhead.enterAll('anna', ['b', 'c'])).toBeUndefined()
  expect(bulkhead.enter('anna', 'c')).toBeTypeOf('function')
  release?.()
  expect(bulkhead.enterAll('anna', ['a', 'b'])).toBeTypeOf('function')
})
