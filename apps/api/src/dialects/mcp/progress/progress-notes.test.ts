import { expect, it } from 'vitest'
import { until } from '../../../../../../test/support/until.ts'
import { type ProgressNote, ProgressNotes } from './progress-notes.ts'

function listen(paceMs: number) {
  const heard: ProgressNote[] = []
  return { heard, notes: new ProgressNotes((note) => heard.push(note), paceMs) }
}

it('tells the first at once, and puts together what comes too soon after it', async () => {
  const { heard, notes } = listen(60)
  notes.say(0, 'queued')
  notes.say(undefined, 'running')
  notes.say(0.25, 'page 1')
  notes.say(0.5, 'page 2')
  expect(heard).toEqual([{ progress: 0, total: 100, message: 'queued' }])
  await until('the rest is told', () => heard.length === 2)
  expect(heard[1]).toEqual({ progress: 50, total: 100, message: 'page 2' })
})

it('rises always, also when a job is tried again', async () => {
  const { heard, notes } = listen(0)
  for (const fraction of [0.8, 0.1, 0.1, 0.9]) {
    notes.say(fraction, 'again')
    const { length } = heard
    await until('it may tell more', () => (notes.give('x'), heard.length > length))
  }
  const numbers = heard.map(({ progress }) => progress)
  expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b))
  expect(numbers[0]).toBe(80)
  expect(numbers.at(-1)).toBeGreaterThanOrEqual(90)
})

it('gives pieces of the output, no more of them than a message may be long', () => {
  const { heard, notes } = listen(60_000)
  notes.say(0, 'queued')
  for (let i = 0; i < 500; i++) notes.give(`${i} `)
  notes.give('the end')
  notes.end()
  expect(heard).toHaveLength(2)
  expect(heard[1]?.message).toHaveLength(1000)
  expect(heard[1]?.message).toMatch(/498 499 the end$/)
})

it('never says that more than all is done', () => {
  const { heard, notes } = listen(60_000)
  notes.say(1, 'done')
  notes.give('one more piece')
  notes.end()
  expect(heard).toEqual([{ progress: 100, total: 100, message: 'done' }])
})

it('says what is left before the answer, and nothing after it', () => {
  const { heard, notes } = listen(60_000)
  notes.say(0, 'queued')
  notes.say(1, 'done')
  notes.end()
  notes.say(1, 'late')
  notes.end()
  expect(heard.map(({ message }) => message)).toEqual(['queued', 'done'])
})
