import { attemptSchema } from '@millrace/contracts'
import { expect, it } from 'vitest'
import { eventsOfMoves, readMoves, RESUMED_REASON } from './moves.ts'

const line = (...columns: (string | number)[]): string => `${columns.join('\t')}\n`
const DUE = 1000
const claim = (ms: number, start: number, fence: number): string =>
  line(`${ms}-0`, 'running', start, '', fence, `w${fence}`, '1.0.0')
const short = (text: string, beganMs?: number) =>
  readMoves(text, DUE, beganMs).attempts.map((one) => {
    expect(attemptSchema.parse(one)).toEqual(one)
    return [one.number, one.outcome, one.error, one.queue_seconds, one.run_seconds]
  })

it('tells worker, version, device and times of an attempt', () => {
  const text = claim(3000, 1, 1) + line('9000-0', 'succeeded', 1, '', 500, 4000, 'cuda:1', 120)
  expect(readMoves(text, DUE, undefined)).toEqual({
    isAnew: false,
    attempts: [
      {
        ...{
          number: 1,
          worker: 'w1',
          version: '1.0.0',
          device: 'cuda:1',
          outcome: 'succeeded',
          error: null,
          resumed: false,
        },
        ...{ claimed_at: '1970-01-01T00:00:03.000Z', started_at: '1970-01-01T00:00:03.500Z' },
        ...{ ended_at: '1970-01-01T00:00:09.000Z', queue_seconds: 2.5, fetch_seconds: 0.12, run_seconds: 4 },
      },
    ],
  })
})

it('counts starts of the model, and the time in a worker before one as time in the queue', () => {
  const text = [
    claim(2000, 1, 1) + line('3000-0', 'queued', 0, 'released'),
    claim(4000, 1, 2) + line('4100-0', 'queued', 1, 'model_error', 50, 10),
    claim(6100, 2, 3) + line('6900-0', 'queued', 1, 'input_unavailable'),
    claim(7000, 2, 4) + line('8000-0', 'queued', 2, 'worker lost'),
    claim(9000, 3, 5),
  ].join('')
  expect(short(text, 700)).toEqual([
    [null, 'released', null, 2, null],
    [1, 'failed', 'model_error', 1.05, 0.01],
    [null, 'failed', 'input_unavailable', 2.8, null],
    [2, 'worker_lost', 'worker_lost', 0.1, null],
    [3, 'running', null, 1.7, null],
  ])
})

it('does not know the queue time of an attempt whose forerunner is not kept, and knows a new life', () => {
  const cut = claim(2000, 1, 1) + line('3000-0', 'failed', 1, 'timeout') + claim(9000, 40, 40)
  expect(short(cut).map(([, , , queue]) => queue)).toEqual([1, null])
  const ended = claim(2000, 1, 1) + line('3000-0', 'failed', 1, 'timeout')
  const rerun = ended + line('5000-0', 'queued', 1, 'retried by the client')
  expect([ended, rerun, rerun + claim(6000, 2, 2)].map((text) => readMoves(text, DUE, undefined).isAnew)).toEqual([
    false,
    true,
    false,
  ])
  expect(short(rerun + claim(6000, 2, 2)).at(-1)).toEqual([2, 'running', null, 1, null])
})

it('takes a move that no attempt made for none of it', () => {
  expect(readMoves(line('3000-0', 'canceled', 0, ''), DUE, undefined)).toEqual({ attempts: [], isAnew: false })
  const lost = claim(2000, 1, 1) + line('3000-0', 'canceled', 1, 'worker lost')
  expect(short(lost)).toEqual([[1, 'worker_lost', 'worker_lost', 1, null]])
})

it('tells the events of the moves by their ids', () => {
  expect(eventsOfMoves(claim(2000, 1, 1) + line('3000-1', 'queued', 0, 'released'))).toEqual([
    ['2000-0', '{"type":"status","status":"running","attempt":1}'],
    ['3000-1', '{"type":"status","status":"queued","attempt":0,"reason":"released"}'],
  ])
})

it('tells which attempts went on from a checkpoint', () => {
  const claims = (reason: string) =>
    line('2000-0', 'running', 1, reason, 1, 'w1', '1.0.0') + line('3000-0', 'queued', 1, 'released')
  const told = readMoves(claims('') + claims(RESUMED_REASON), DUE, undefined).attempts
  expect(told.map(({ resumed, version }) => [resumed, version])).toEqual([
    [false, '1.0.0'],
    [true, '1.0.0'],
  ])
})
