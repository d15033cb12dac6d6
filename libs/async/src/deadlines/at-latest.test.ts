import { expect, test } from 'vitest'
import { until } from '../../../../test/support/until.ts'
import { atLatest, atLatestAwake } from './at-latest.ts'

test('a limit is told once when its time is over, and not before', async () => {
  const started = performance.now()
  const told: string[] = []
  atLatest(120, () => told.push('late'))
  atLatest(30, () => told.push('early'))
  await until('both are told', () => told.length === 2)
  expect(told).toEqual(['early', 'late'])
  expect(performance.now() - started).toBeGreaterThanOrEqual(120)
})

test('a limit that was taken back is never told, and those set meanwhile are', async () => {
  const told: string[] = []
  const inTime = atLatest(20, () => told.push('taken back'))
  atLatest(20, () => {
    told.push('first')
    atLatest(0, () => told.push('second'))
  })
  inTime()
  inTime()
  await until('the others are told', () => told.length === 2)
  expect(told).toEqual(['first', 'second'])
  // The tick may have stopped or may go on. In both cases a later limit is told.
  atLatest(0, () => told.push('third'))
  await until('the last is told', () => told.length === 3)
})

test('a limit on what comes from elsewhere counts no time that this process took for itself', async () => {
  const told: string[] = []
  const started = performance.now()
  atLatest(100, () => told.push('wall'))
  atLatestAwake(250, () => told.push('awake'))
  while (performance.now() - started < 600);
  await until('the first is told', () => told.length > 0)
  expect(told).toEqual(['wall'])
  await until('the second is told', () => told.length === 2)
})
