import { describe, expect, test, vi } from 'vitest'
import { Gate, type Leave, type Pass } from './gate.ts'

const nobody = () => undefined

/** Asks and fills at once; throws where there is no leave. */
function enter(gate: Gate, count = 1, suspect = false): Leave[] {
  return granted(gate).fill(count, suspect)
}
function granted(gate: Gate): Pass {
  const pass = gate.ask(nobody)
  if (!pass) throw new Error('the gate gave no leave')
  return pass
}

test('ordinary jobs are inside together', () => {
  const gate = new Gate()
  enter(gate, 2)
  const pass = granted(gate)
  expect(pass.alone).toBe(false)
  pass.fill(1, false)
  expect(gate.isOpen(nobody)).toBe(true)
})

test('only who comes first into an empty process may be given a suspect, and it stays alone until it has left', () => {
  const gate = new Gate()
  const pass = granted(gate)
  expect(pass.alone).toBe(true)
  const [leave] = pass.fill(1, true)
  const onFree = vi.fn<() => void>()
  expect([gate.ask(onFree), gate.isOpen(onFree)]).toEqual([undefined, false])
  leave?.()
  expect(onFree).toHaveBeenCalledTimes(1)
  expect(granted(gate).alone).toBe(true)
})

test('nobody gets in while a pass is out that may bring a suspect; who was turned away hears once when it brought none', () => {
  const gate = new Gate()
  const pass = granted(gate)
  const [first, second] = [vi.fn<() => void>(), vi.fn<() => void>()]
  expect([gate.ask(first), gate.ask(first), gate.isOpen(second)]).toEqual([undefined, undefined, false])
  pass.fill(2, false)
  expect([first.mock.calls.length, second.mock.calls.length]).toEqual([1, 1])
  enter(gate)
  expect([first.mock.calls.length, second.mock.calls.length]).toEqual([1, 1])
})

test('who comes into a process while a pass for ordinary jobs is out is not alone, though nobody is inside', () => {
  const gate = new Gate()
  const [leave] = enter(gate)
  const pass = granted(gate)
  leave?.()
  expect(granted(gate).alone).toBe(false)
  pass.fill(0, false)
  expect(granted(gate).alone).toBe(false)
})

test('leaving twice counts once', () => {
  const gate = new Gate()
  const [one] = enter(gate, 2)
  one?.()
  one?.()
  expect(granted(gate).alone).toBe(false)
})

describe('a process that was asked to become idle', () => {
  test('lets nobody in until all have left; then whoever knows of the suspect is told first, and is alone', () => {
    const gate = new Gate()
    const leaves = enter(gate, 2)
    const told: string[] = []
    const onIdle = () => void told.push('who asked')
    gate.becomeIdle(onIdle)
    expect([gate.ask(() => void told.push('another')), gate.isOpen(onIdle)]).toEqual([undefined, false])
    leaves[0]?.()
    expect([told, gate.ask(onIdle)]).toEqual([[], undefined])
    leaves[1]?.()
    expect(told).toEqual(['who asked', 'another'])
    expect(granted(gate).alone).toBe(true)
  })

  test('waits for a pass that is out, and is open again once somebody was alone, whatever he was given', () => {
    const gate = new Gate()
    const [leave] = enter(gate)
    const pass = granted(gate)
    gate.becomeIdle(nobody)
    leave?.()
    expect(gate.ask(nobody)).toBeUndefined()
    pass.fill(0, false)
    const alone = granted(gate)
    expect([alone.alone, gate.ask(nobody)]).toEqual([true, undefined])
    alone.fill(1, false)
    expect(granted(gate).alone).toBe(false)
  })

  test('is told at once when all have left before it was asked', () => {
    const gate = new Gate()
    const onIdle = vi.fn<() => void>()
    gate.becomeIdle(onIdle)
    expect(onIdle).toHaveBeenCalledTimes(1)
    expect(granted(gate).alone).toBe(true)
  })

  test('tells those inside who could as well come back, once, also those that come to listen later', () => {
    const gate = new Gate()
    enter(gate)
    const [stays, stopped, late] = [vi.fn<() => void>(), vi.fn<() => void>(), vi.fn<() => void>()]
    gate.onWanted(stays)
    gate.onWanted(stopped)()
    gate.becomeIdle(nobody)
    gate.becomeIdle(nobody)
    gate.onWanted(late)
    expect([stays, stopped, late].map(({ mock }) => mock.calls.length)).toEqual([1, 0, 1])
  })
})

test('two models that find nothing to do ask once each, and then wait', () => {
  const gate = new Gate()
  const due: (() => void)[] = []
  let asked = 0
  const model = () => {
    const poke = () => void due.push(ask)
    const ask = () => {
      asked++
      const pass = gate.ask(poke)
      if (!pass) return
      // Its answer comes after the other one has asked.
      due.push(() => {
        pass.fill(0, false)
        gate.isOpen(poke)
      })
    }
    return ask
  }
  due.push(model(), model())
  for (let turn = 0; turn < 100; turn++) due.shift()?.()
  expect([due.length, asked]).toEqual([0, 3])
})
