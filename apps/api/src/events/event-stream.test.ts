import type { ServerResponse } from 'node:http'
import type { JobEvent, JobQueue, JobStatus, LoggedEvent } from '@millrace/contracts'
import { type Heard, isLaterEvent, newJobId } from '@millrace/queue'
import { expect, it, onTestFinished, vi } from 'vitest'
import { until } from '../../../../test/support/until.ts'
import { aRecord } from '../../../../test/support/a-record.ts'
import { WIRES } from './event-wire.ts'
import { EventStream, type StreamEnd } from './event-stream.ts'
import { StreamSink } from './stream-sink.ts'

/** The order of things that a real Redis shows only by chance: here the test holds each read back as it likes. */

const id = newJobId('m')
const at = new Date(0).toISOString()
const logged = (n: number, event: JobEvent): LoggedEvent => ({ id: `${n}-0`, at, event })
const log = (n: number) => logged(n, { type: 'log', level: 'info', message: `line ${n}` })
const status = (n: number, to: JobStatus) => logged(n, { type: 'status', status: to, attempt: 1 })

function stage(
  record: JobStatus = 'running',
  whereItWaits: () => Promise<JobQueue | undefined> = async () => undefined,
) {
  const at = { log: [] as LoggedEvent[], record, ends: [] as StreamEnd[], reads: 0, beforeRead: async () => {} }
  let hear: (heard: Heard) => void = () => undefined
  let text = ''
  const response = {
    on: () => response,
    write: (some: string) => ((text += some), true),
    end: (some: string) => void (text += some),
    destroyed: false,
  }
  const stream = new EventStream({
    id,
    reader: { tenant: 'default' },
    after: '',
    status: record,
    whereItWaits,
    wire: WIRES.ndjson,
    sink: new StreamSink(response as unknown as ServerResponse, () => undefined),
    jobs: {
      snapshot: async () => {
        at.reads += 1
        await at.beforeRead()
        const record = aRecord({ id }, { status: at.record })
        return { outcome: 'found', record, lastEventId: at.log.at(-1)?.id ?? '' }
      },
      eventPage: async (_id, _reader, { after, count }) => {
        at.reads += 1
        await at.beforeRead()
        const events = at.log.filter((event) => isLaterEvent(event.id, after)).slice(0, count)
        return { outcome: 'events', events, gap: false, more: events.length === count }
      },
    },
    changes: { follow: (_id, listener) => ((hear = listener), () => undefined) },
    describe: async (job) => JSON.stringify({ status: job.status }),
    onEnd: (end) => void at.ends.push(end),
    onFault: () => undefined,
  })
  const tell = (event: LoggedEvent) => {
    at.log.push(event)
    hear({ kind: 'event', logged: event })
  }
  const lines = () =>
    text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as { id?: string; type: string; job?: { status: string }; queue?: JobQueue })
  return { at, stream, tell, join: () => hear({ kind: 'joined' }), lines, ids: () => lines().map((line) => line.id) }
}

it('writes what it hears while it reads only behind what it reads', async () => {
  const { at, tell, join, ids } = stage()
  tell(log(1))
  join()
  await until('it is live', () => ids().length === 1)
  let release: () => void = () => undefined
  at.beforeRead = () => new Promise((resolve) => (release = resolve))
  // Missed while the feed was away; then it is back.
  at.log.push(log(2))
  join()
  await until('it reads', () => at.reads === 2)
  tell(log(3))
  at.beforeRead = async () => {}
  release()
  await until('all is written', () => ids().length === 3)
  expect(ids()).toEqual(['1-0', '2-0', '3-0'])
})

it('does not end with a job that was run again meanwhile', async () => {
  const { at, tell, join, lines } = stage()
  tell(status(1, 'failed'))
  at.record = 'queued'
  join()
  await until('it has looked', () => lines().length === 1)
  tell(status(2, 'queued'))
  tell(status(3, 'running'))
  at.record = 'succeeded'
  tell(status(4, 'succeeded'))
  await until('it ends', () => at.ends.length > 0)
  expect(lines().map((line) => line.type)).toEqual(['status', 'status', 'status', 'status', 'done'])
  expect(lines().at(-1)).toMatchObject({ id: '4-0-done', job: { status: 'succeeded' } })
})

it('writes what happened between the end that it saw and the job that it read before it ends', async () => {
  const { at, tell, join, lines } = stage('failed')
  tell(status(1, 'failed'))
  at.beforeRead = async () => {
    // The second read is that of the job: by then it was run again, and has ended again.
    if (at.reads === 2) at.log.push(status(2, 'queued'), status(3, 'running'), status(4, 'succeeded'))
    if (at.reads === 2) at.record = 'succeeded'
  }
  join()
  await until('it ends', () => at.ends.length > 0)
  expect(lines().map((line) => line.id)).toEqual(['1-0', '2-0', '3-0', '4-0', '4-0-done'])
  expect(lines().at(-1)?.job).toEqual({ status: 'succeeded' })
})

const place = (position: number, p50: number): JobQueue => ({
  ...{ position, ahead: position - 1, eta_seconds: { p50, p90: 2 * p50 } },
  ...{ why: 'busy', workers: 1, note: null },
})

it('tells where the job waits when that has changed, seldom when it waits for long, and not once it runs', async () => {
  let clock = 0
  const now = vi.spyOn(performance, 'now').mockImplementation(() => clock)
  onTestFinished(() => now.mockRestore())
  let [queue, asked] = [place(3, 30), 0]
  const { stream, tell, join, lines } = stage('queued', async () => ((asked += 1), queue))
  const tickAt = async (ms: number) => {
    clock = ms
    stream.tick({ heartbeatMs: 1e9, stuckMs: 1e9, placeMs: 3000, tickMs: 1000 })
    await new Promise(setImmediate)
    return [asked, ...lines().flatMap((line) => (line.type === 'queue' ? [line.queue?.position] : []))]
  }
  join()
  expect(await tickAt(0), 'at once').toEqual([1, 3])
  expect(await tickAt(2999), 'too early').toEqual([1, 3])
  expect(await tickAt(3000), 'nothing new').toEqual([2, 3])
  queue = place(2, 300)
  expect(await tickAt(5999), 'too early').toEqual([2, 3])
  expect(await tickAt(6000), 'it has moved').toEqual([3, 3, 2])
  queue = place(1, 300)
  expect(await tickAt(20_999), 'five minutes to go').toEqual([3, 3, 2])
  expect(await tickAt(21_000), 'a sixtieth of it later').toEqual([4, 3, 2, 1])
  expect(lines().every((line) => line.id === undefined)).toBe(true)
  tell(status(1, 'running'))
  expect(await tickAt(1e6), 'it runs').toEqual([4, 3, 2, 1])
  tell(status(2, 'queued'))
  expect(await tickAt(2e6), 'it waits again, where it did').toEqual([5, 3, 2, 1])
})
