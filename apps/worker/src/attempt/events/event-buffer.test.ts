import type { JobEvent } from '@millrace/contracts'
import { LIMITS } from '@millrace/contracts'
import { expect, test } from 'vitest'
import { until } from '../../../../../test/support/until.ts'
import { EventBuffer } from './event-buffer.ts'

function setUp(options: { everyMs?: number; linesPerSecond?: number } = {}) {
  const batches: JobEvent[][] = []
  const numbers: number[] = []
  const state = { tries: 0, failures: 0, faults: 0 }
  const buffer = new EventBuffer({
    append: async (events, first) => {
      state.tries++
      if (state.failures-- > 0) throw new Error('away')
      batches.push(events)
      numbers.push(...events.map((_, at) => first + at))
    },
    onFault: () => void state.faults++,
    ...options,
  })
  return { batches, numbers, state, buffer }
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
  const buffer = new EventBuffer({ append: () => new Promise(() => undefined), onFault: () => undefined })
  buffer.log('info', 'into the void')
  await buffer.flush(10)
})

test('what a model says in one go is all appended, in batches that are small enough for Redis', async () => {
  const { batches, numbers, buffer } = setUp()
  for (let i = 0; i < 900; i++) buffer.output(i)
  buffer.output('x'.repeat(LIMITS.inlineBytes))
  await buffer.flush(1000)
  for (let i = 0; i < 20; i++) buffer.output({ i, text: 'x'.repeat(30_000) })
  await buffer.flush(1000)
  const all = batches.flat()
  expect(all.slice(0, 900)).toEqual(Array.from({ length: 900 }, (_, chunk) => ({ type: 'output', chunk })))
  expect(texts([[all[900]!]])[0]).toContain('bytes was left out')
  expect(all.slice(901)).toMatchObject(Array.from({ length: 20 }, (_, i) => ({ chunk: { i } })))
  expect(numbers).toEqual(Array.from({ length: 921 }, (_, n) => n + 1))
  for (const batch of batches) {
    expect(batch.length).toBeLessThanOrEqual(250)
    expect(JSON.stringify(batch).length).toBeLessThan(300_000)
  }
})

test.each([
  ['in number', (i: number) => i],
  ['in size', (i: number) => ({ i, text: 'x'.repeat(9_000) })],
])('memory is bounded %s: the newest events are kept, and how many were left out is told', async (_, chunk) => {
  const { batches, numbers, state, buffer } = setUp({ everyMs: 60_000 })
  state.failures = Number.POSITIVE_INFINITY
  for (let i = 1; i < 1500; i++) buffer.output(chunk(i))
  await until('the store is away', () => state.faults > 0)
  buffer.output(chunk(1500))
  expect(state.tries).toBe(1)
  state.failures = 0
  await buffer.flush(1000)
  const kept = batches.flat()
  expect(kept.length).toBeLessThanOrEqual(LIMITS.eventsPerJob)
  expect(JSON.stringify(kept).length).toBeLessThan(LIMITS.eventBytesPerJob * 1.1)
  expect(kept.at(-1)).toEqual({ type: 'output', chunk: chunk(1500) })
  // Each has the number that it had, whatever came and went around it.
  for (const [at, event] of kept.entries()) {
    if (event.type === 'output') expect(event.chunk).toEqual(chunk(numbers[at] ?? 0))
  }
  const notices = texts([kept]).flatMap(
    (text) => /^(\d+) log lines and output chunks were left out/.exec(text)?.[1] ?? [],
  )
  expect(notices.length).toBeGreaterThan(0)
  const told = notices.reduce((sum, count) => sum + Number(count), 0)
  expect(kept.length - notices.length + told).toBe(1500)
})

test('a long line is cut', async () => {
  const { batches, buffer } = setUp()
  buffer.log('info', 'y'.repeat(LIMITS.logLineChars + 5))
  await buffer.flush(1000)
  expect(texts(batches)[0]).toHaveLength(LIMITS.logLineChars)
})
