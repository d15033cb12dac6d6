import { expect, it } from 'vitest'
import { createBulkhead } from './create-bulkhead.ts'
import { type CircuitPass, createDeliveryCircuits } from './create-delivery-circuits.ts'

function setUp(changed: { endpoints?: number } = {}) {
  let time = 0
  const options = {
    failures: 5,
    openMs: 10,
    longestOpenMs: 40,
    probeMs: 3,
    endpoints: 100,
    now: () => time,
    ...changed,
  }
  const circuits = createDeliveryCircuits(options)
  const enter = (endpoint = 'a', insist = false) => circuits.enter(endpoint, insist)
  const pass = (endpoint = 'a', insist = false): CircuitPass => {
    const entered = enter(endpoint, insist)
    if ('waitMs' in entered) throw new Error(`told to wait ${entered.waitMs} ms`)
    return entered
  }
  const fail = (times: number, endpoint = 'a') => {
    for (let n = 0; n < times; n++) pass(endpoint).failed()
  }
  return { enter, pass, fail, at: (ms: number) => void (time = ms) }
}

it('opens after five straight failures and says for how long; others are not concerned', () => {
  const { enter, fail, pass, at } = setUp()
  fail(5)
  expect(enter()).toEqual({ waitMs: 10 })
  at(4)
  expect(enter()).toEqual({ waitMs: 6 })
  pass('b').succeeded()
})

it('counts straight failures only: one success begins anew', () => {
  const { fail, pass } = setUp()
  fail(4)
  pass().succeeded()
  fail(4)
  pass().succeeded()
})

it('lets one probe through after the time; its success closes the circuit, its failure opens it for twice as long', () => {
  const { enter, pass, fail, at } = setUp()
  fail(5)
  at(10)
  const probe = pass()
  expect(enter()).toEqual({ waitMs: 3 })
  probe.failed()
  expect(enter()).toEqual({ waitMs: 20 })
  at(30)
  pass().failed()
  expect(enter()).toEqual({ waitMs: 40 })
  at(70)
  pass().failed()
  expect(enter()).toEqual({ waitMs: 40 })
  at(110)
  pass().succeeded()
  fail(4)
  pass().succeeded()
})

it('probes again when a probe ended without a verdict', () => {
  const { enter, pass, fail, at } = setUp()
  fail(5)
  at(10)
  pass().left()
  pass().failed()
  expect(enter()).toEqual({ waitMs: 20 })
})

it('does not stay open longer for tries that had begun before it opened', () => {
  const { enter, pass } = setUp()
  const passes = Array.from({ length: 8 }, () => pass())
  for (const begun of passes) begun.failed()
  expect(enter()).toEqual({ waitMs: 10 })
})

it('lets through who insists, whose success closes the circuit and whose failure changes nothing', () => {
  const { enter, pass, fail } = setUp()
  fail(5)
  pass('a', true).failed()
  expect(enter()).toEqual({ waitMs: 10 })
  pass('a', true).succeeded()
  fail(4)
  pass().succeeded()
})

it('remembers a bounded number of endpoints', () => {
  const { enter, fail, pass } = setUp({ endpoints: 2 })
  fail(5, 'a')
  fail(5, 'b')
  fail(5, 'c')
  pass('a').succeeded()
  expect([enter('b'), enter('c')]).toEqual([{ waitMs: 10 }, { waitMs: 10 }])
})

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
