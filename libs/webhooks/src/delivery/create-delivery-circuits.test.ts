import { expect, it } from 'vitest'
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
