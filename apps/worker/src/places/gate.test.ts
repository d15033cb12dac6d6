import { expect, test } from 'vitest'
import { createGate } from './gate.ts'

const never = new AbortController().signal

/** Follows a promise, to ask whether it has settled by now. */
function follow<T>(promise: Promise<T>) {
  const state = { settled: false }
  promise.then(
    () => (state.settled = true),
    () => (state.settled = true),
  )
  return state
}
const turn = () => new Promise((resolve) => setImmediate(resolve))

test('ordinary attempts pass the gate together', async () => {
  const gate = createGate()
  await gate.shared(never)
  await gate.shared(never)
})

test('a suspect waits until all have left, and passes alone', async () => {
  const gate = createGate()
  const leaveFirst = await gate.shared(never)
  const leaveSecond = await gate.shared(never)
  const suspect = gate.exclusive(never)
  const waiting = follow(suspect)
  leaveFirst()
  await turn()
  expect(waiting.settled).toBe(false)
  leaveSecond()
  const leaveSuspect = await suspect
  const next = gate.shared(never)
  const nextState = follow(next)
  await turn()
  expect(nextState.settled).toBe(false)
  leaveSuspect()
  await next
})

test('who comes after a waiting suspect waits behind it, so a stream of attempts cannot starve it', async () => {
  const gate = createGate()
  const leave = await gate.shared(never)
  const suspect = gate.exclusive(never)
  const late = follow(gate.shared(never))
  await turn()
  expect(late.settled).toBe(false)
  leave()
  const leaveSuspect = await suspect
  await turn()
  expect(late.settled).toBe(false)
  leaveSuspect()
  await turn()
  expect(late.settled).toBe(true)
})

test('a suspect that gives up lets those behind it pass', async () => {
  const gate = createGate()
  await gate.shared(never)
  const patience = new AbortController()
  const suspect = gate.exclusive(patience.signal)
  const behind = gate.shared(never)
  patience.abort(new Error('enough'))
  await expect(suspect).rejects.toThrow('enough')
  await behind
})

test('leaving twice counts once', async () => {
  const gate = createGate()
  const leave = await gate.shared(never)
  await gate.shared(never)
  const suspect = follow(gate.exclusive(never))
  leave()
  leave()
  await turn()
  expect(suspect.settled).toBe(false)
})
