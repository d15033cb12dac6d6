import { type ChangeFeed, newJobId, QueueUnavailableError } from '@millrace/queue'
import { expect, test } from 'vitest'
import { until } from '../../../test/support/until.ts'
import { recordOf } from './app.fixture.ts'
import { type Found, waitForJob } from './wait-for-job.ts'

const id = newJobId('m')
const queued = recordOf({
  id,
  kind: 'prediction',
  tenant: 't',
  model: 'm',
  version: '1',
  input: { inline: '{}' },
  inputFiles: [],
  priority: 'normal',
  metadata: {},
  maxAttempts: 1,
  timeoutSeconds: 1,
  runAt: null,
  expiresInSeconds: 1,
  idempotency: null,
})
const done = { ...queued, status: 'succeeded' as const }

/** A feed whose hints the test gives, and a record it sets; either may be away. */
function stage({ record }: { record: Found } = { record: queued }) {
  const at = { record, away: false, reads: 0, listeners: new Set<() => void>(), end: new AbortController() }
  const changes: Pick<ChangeFeed, 'ended'> = {
    ended: (_id, signal) =>
      new Promise((resolve) => {
        const hear = () => resolve('running')
        at.listeners.add(hear)
        signal.addEventListener('abort', () => {
          at.listeners.delete(hear)
          resolve(null)
        })
      }),
  }
  const get = async () => {
    at.reads++
    if (at.away) throw new QueueUnavailableError(new Error('gone'))
    return at.record
  }
  const wait = (seconds: number) =>
    waitForJob(id, { jobs: { get }, changes, tenant: 't', seconds, signals: [at.end.signal, undefined] })
  const hint = () => at.listeners.forEach((hear) => hear())
  return { at, wait, hint }
}

test('a job that has ended, was erased or is unknown is answered at once', async () => {
  for (const record of [done, 'purged' as const, undefined]) {
    expect(await stage({ record }).wait(60)).toEqual(record)
  }
})

test('a hint is not believed: the wait goes on until the record says that the job has ended', async () => {
  const { at, wait, hint } = stage()
  const answer = wait(60)
  await until('it listens', () => at.listeners.size === 1)
  hint()
  await until('it read again', () => at.reads === 2)
  await until('it listens again', () => at.listeners.size === 1)
  at.record = done
  hint()
  expect(await answer).toEqual(done)
  expect(at.listeners.size).toBe(0)
})

test('a change between reading and listening is not missed', async () => {
  const { at, wait } = stage()
  at.record = done
  expect(await wait(60)).toEqual(done)
  expect(at.listeners.size).toBe(0)
})

test('when the time is over, the client gone or the server closing, the job is answered as it is', async () => {
  const timed = stage()
  expect(await timed.wait(0.05)).toEqual(queued)
  const left = stage()
  const answer = left.wait(60)
  await until('it listens', () => left.at.listeners.size === 1)
  left.at.end.abort()
  expect(await answer).toEqual(queued)
  expect(left.at.listeners.size).toBe(0)
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
  at.record = done
  at.away = false
  expect(await answer).toEqual(done)
})
