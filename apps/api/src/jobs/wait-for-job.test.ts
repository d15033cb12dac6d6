import { type ChangeFeed, type JobFound, newJobId, QueueUnavailableError } from '@millrace/queue'
import { expect, test } from 'vitest'
import { until } from '../../../../test/support/until.ts'
import { aRecord } from '../../../../test/support/a-record.ts'
import { EndWatch, waitForJob } from './wait-for-job.ts'

const id = newJobId('echo')
const queuedRecord = aRecord({ id })
const queued: JobFound = { outcome: 'found', record: queuedRecord }
const done: JobFound = { outcome: 'found', record: { ...queuedRecord, status: 'succeeded' } }

/** A feed whose hints the test gives, and a record it sets; either may be away. */
function stage({ found }: { found: JobFound } = { found: queued }) {
  const at = {
    found,
    away: false,
    reads: 0,
    listeners: new Set<() => void>(),
    hangUps: new Set<() => void>(),
    /** Called when the record has been looked at and its answer is still on the way. */
    duringRead: undefined as (() => void) | undefined,
  }
  const changes: Pick<ChangeFeed, 'onEnd'> = {
    onEnd: (_id, listener) => {
      at.listeners.add(listener)
      return () => at.listeners.delete(listener)
    },
  }
  const get = async () => {
    at.reads++
    if (at.away) throw new QueueUnavailableError(new Error('gone'))
    const { found: read } = at
    at.duringRead?.()
    return read
  }
  const onHangUp = (listener: () => void) => {
    at.hangUps.add(listener)
    return () => void at.hangUps.delete(listener)
  }
  const wait = (seconds: number, watch?: EndWatch) =>
    waitForJob(id, { jobs: { get }, changes, tenant: 'default', seconds, onHangUp, watch })
  const hint = () => at.listeners.forEach((hear) => hear())
  return { at, changes, wait, hint }
}

test('a job that has ended, was purged or is unknown is answered at once', async () => {
  for (const found of [done, { outcome: 'purged' }, { outcome: 'missing' }] satisfies JobFound[]) {
    expect(await stage({ found }).wait(60)).toEqual(found)
  }
})

test('a hint is not believed: the wait goes on until the record says that the job has ended', async () => {
  const { at, wait, hint } = stage()
  const answer = wait(60)
  await until('it listens', () => at.listeners.size === 1)
  hint()
  await until('it read again', () => at.reads === 2)
  at.found = done
  hint()
  expect(await answer).toEqual(done)
  expect(at.listeners.size).toBe(0)
})

test('an end that is told while the record is being read is not missed', async () => {
  const { at, wait, hint } = stage()
  at.duringRead = () => {
    at.duringRead = undefined
    at.found = done
    hint()
  }
  const started = performance.now()
  expect(await wait(60)).toEqual(done)
  expect(at.reads).toBe(2)
  // Long before the record would have been read again anyway.
  expect(performance.now() - started).toBeLessThan(5000)
  expect(at.listeners.size).toBe(0)
})

test('a job that is listened for since before it was kept is read when it is heard of, and not before', async () => {
  const { at, changes, wait, hint } = stage()
  const watch = new EndWatch(changes, id)
  const answer = wait(60, watch)
  expect(at.reads).toBe(0)
  at.found = done
  hint()
  expect(await answer).toEqual(done)
  expect(at.reads).toBe(1)
  expect(at.listeners.size).toBe(0)

  const early = stage({ found: done })
  const heard = new EndWatch(early.changes, id)
  early.hint()
  const started = performance.now()
  expect(await early.wait(60, heard)).toEqual(done)
  expect(performance.now() - started).toBeLessThan(5000)
})

test('when the time is over or waiting is no use any more, the job is answered as it is', async () => {
  const timed = stage()
  expect(await timed.wait(0.05)).toEqual(queued)
  const left = stage()
  const answer = left.wait(60)
  await until('it listens', () => left.at.listeners.size === 1)
  for (const hangUp of left.at.hangUps) hangUp()
  expect(await answer).toEqual(queued)
  expect([left.at.listeners.size, left.at.hangUps.size]).toEqual([0, 0])
})

test('Redis away at the start is told at once, Redis away in between is survived', async () => {
  const dead = stage()
  dead.at.away = true
  await expect(dead.wait(60)).rejects.toThrow(QueueUnavailableError)

  const { at, wait, hint } = stage()
  const answer = wait(60)
  await until('it listens', () => at.listeners.size === 1)
  at.away = true
  hint()
  await until('it met the absence', () => at.reads >= 2)
  at.found = done
  at.away = false
  expect(await answer).toEqual(done)
})
