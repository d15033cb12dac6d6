import type { JobEvent } from '@millrace/contracts'
import { LIMITS } from '@millrace/contracts'
import { expect, test } from 'vitest'
import { until } from '../../../../test/support/until.ts'
import { createEventBuffer } from './event-buffer.ts'

function setUp(options: { everyMs?: number; linesPerSecond?: number } = {}) {
  const batches: JobEvent[][] = []
  const state = { failures: 0, faults: 0 }
  const buffer = createEventBuffer({
    append: async (events) => {
      if (state.failures-- > 0) throw new Error('away')
      batches.push(events)
    },
    onFault: () => void state.faults++,
    ...options,
  })
  return { batches, state, buffer }
}
const texts = (batches: JobEvent[][]) =>
  batches.flat().map((event) => (event.type === 'log' ? event.message : JSON.stringify(event)))

test('what a model says is appended in one batch, in order', async () => {
  const { batches, buffer } = setUp({ everyMs: 5 })
  buffer.log('info', 'one')
  buffer.output({ piece: 2 })
  buffer.log('error', 'three')
  await until('a batch was appended', () => batches.length > 0)
  expect(batches).toEqual([
    [
      { type: 'log', level: 'info', message: 'one' },
      { type: 'output', chunk: { piece: 2 } },
      { type: 'log', level: 'error', message: 'three' },
    ],
  ])
})

test('a flush leaves nothing behind, and costs no call when there is nothing', async () => {
  const { batches, buffer } = setUp()
  await buffer.flush(1000)
  expect(batches).toEqual([])
  buffer.log('info', 'last words')
  await buffer.flush(1000)
  expect(texts(batches)).toEqual(['last words'])
})

test('lines above the rate are left out, and how many is told', async () => {
  const { batches, buffer } = setUp({ linesPerSecond: 100 })
  for (let i = 0; i < 250; i++) buffer.log('info', `line ${i}`)
  await buffer.flush(1000)
  const said = texts(batches)
  expect(said).toHaveLength(101)
  expect(said.at(-1)).toBe('150 log lines were left out: the model wrote too many at once')
})

test('events that could not be appended stay, in order, until they can', async () => {
  const { batches, state, buffer } = setUp({ everyMs: 5 })
  state.failures = 2
  buffer.log('info', 'one')
  await until('a first append was refused', () => state.faults > 0)
  buffer.log('info', 'two')
  await until('all was appended', () => texts(batches).length === 2)
  expect(texts(batches)).toEqual(['one', 'two'])
  expect(state.faults).toBe(2)
})

test('a flush does not wait for ever on a store that does not answer', async () => {
  const buffer = createEventBuffer({ append: () => new Promise(() => undefined), onFault: () => undefined })
  buffer.log('info', 'into the void')
  await buffer.flush(10)
})

test('memory is bounded: the newest events are kept, a chunk that is too large is named instead', async () => {
  const { batches, buffer } = setUp()
  for (let i = 0; i < LIMITS.eventsPerJob + 10; i++) buffer.output(i)
  buffer.output('x'.repeat(LIMITS.inlineBytes))
  await buffer.flush(1000)
  expect(batches.flat()).toHaveLength(LIMITS.eventsPerJob)
  expect(batches.flat()[0]).toEqual({ type: 'output', chunk: 11 })
  expect(texts(batches).at(-1)).toContain('bytes was left out')
})

test('a long line is cut', async () => {
  const { batches, buffer } = setUp()
  buffer.log('info', 'y'.repeat(LIMITS.logLineChars + 5))
  await buffer.flush(1000)
  expect(texts(batches)[0]).toHaveLength(LIMITS.logLineChars)
})
