import type { Job } from '@millrace/contracts'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { createClient } from '../create-client.ts'
import { answer, drop, refuse, startFaultServer, type Step } from '../fault-server.fixture.ts'
import type { StreamedEvent } from '../index.ts'

/** Events and `watch` against a server that plays faults: what a real one sends is tested with the API. */

let server: Awaited<ReturnType<typeof startFaultServer>>
beforeAll(async () => {
  server = await startFaultServer()
})
afterAll(() => server.close())
beforeEach(() => server.reset())

const connect = (retries = 3) => createClient({ url: server.url, retries })
const jobOf = (status: Job['status'], more: Partial<Job> = {}) => ({
  id: 'job_1',
  status,
  progress: null,
  queue: null,
  ...more,
})

const frame = (type: string, data: object, id?: string): string =>
  `${id === undefined ? '' : `id: ${id}\n`}event: ${type}\ndata: ${JSON.stringify(data)}\n\n`
const log = (n: number): string => frame('log', { id: `${n}-0`, type: 'log', message: `é ${n}` }, `${n}-0`)
const status = (n: number, to: Job['status']): string =>
  frame('status', { id: `${n}-0`, type: 'status', status: to, attempt: 1 }, `${n}-0`)
const done = (job: object): string => frame('done', job, '9-0-done')

/** Sends text in pieces of three bytes, so that frames and characters are torn, and then ends, or breaks. */
const stream =
  (text: string, how: 'ends' | 'breaks' = 'ends'): Step =>
  (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' })
    const bytes = Buffer.from(`retry: 1000\n\n${text}`)
    for (let at = 0; at < bytes.length; at += 3) response.write(bytes.subarray(at, at + 3))
    if (how === 'ends') response.end()
    else response.write(':\n\n', () => response.socket?.destroy())
  }

async function all(events: AsyncIterable<StreamedEvent>): Promise<StreamedEvent[]> {
  const found: StreamedEvent[] = []
  for await (const event of events) found.push(event)
  return found
}

it('gives each event once, through breaks, goodbyes and a server that starts again', async () => {
  server.play(
    stream(log(1) + log(2), 'breaks'),
    refuse(503, 'unavailable'),
    drop,
    stream(log(3) + frame('bye', { type: 'bye', reason: 'closing' })),
    stream(status(4, 'succeeded') + done(jobOf('succeeded', { finished_at: '2026-01-01T00:00:00.000Z' }))),
  )
  const events = await all(connect().events('job_1'))
  expect(events.map((event) => [event.type, 'id' in event ? event.id : ''])).toEqual([
    ['log', '1-0'],
    ['log', '2-0'],
    ['log', '3-0'],
    ['status', '4-0'],
    ['done', '9-0-done'],
  ])
  expect(events[1]).toMatchObject({ message: 'é 2' })
  expect(events.at(-1)).toMatchObject({ at: '2026-01-01T00:00:00.000Z', job: { id: 'job_1', status: 'succeeded' } })
  const path = '/v1/jobs/job_1/events'
  expect(server.seen.map((one) => one.path)).toEqual([path, ...['2', '2', '2', '3'].map((n) => `${path}?after=${n}-0`)])
})

it('ends at once when there is nothing after the end that was seen', async () => {
  server.play((response) => response.writeHead(204).end())
  expect(await all(connect().events('job_1', { after: '9-0-done' }))).toEqual([])
})

it('rejects when it is refused for good, when there is no place for it, and when nothing comes of many tries', async () => {
  server.play(refuse(410, 'job_purged'))
  await expect(all(connect().events('job_1'))).rejects.toMatchObject({ code: 'job_purged' })
  server.play(refuse(429, 'too_many_streams', { 'retry-after': '10' }))
  await expect(all(connect().events('job_1'))).rejects.toMatchObject({ code: 'too_many_streams' })
  server.play(drop, drop)
  await expect(all(connect(1).events('job_1'))).rejects.toMatchObject({ name: 'ConnectionError' })
  expect(server.seen).toHaveLength(4)
})

it('ends with the reason of its signal, and leaves the connection when the loop is left', async () => {
  let left = 0
  const held: Step = (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write(log(1))
    response.on('close', () => (left += 1))
  }
  server.play(held, held)
  const control = new AbortController()
  const reading = (async () => {
    for await (const _ of connect().events('job_1', { signal: control.signal })) control.abort(new Error('enough'))
  })()
  await expect(reading).rejects.toThrow('enough')
  for await (const _ of connect().events('job_1')) break
  await expect.poll(() => left).toBe(2)
})

async function watched(client = connect()): Promise<Job[]> {
  const jobs: Job[] = []
  for await (const job of client.watch('job_1')) jobs.push(job)
  return jobs
}
const gist = (jobs: Job[]) => jobs.map((job) => [job.status, job.progress?.fraction ?? null])

it('watches a job by its events, and reads it again when its status has changed', async () => {
  const half = frame('progress', { id: '6-0', type: 'progress', fraction: 0.5 }, '6-0')
  server.play(
    stream(
      frame('job', jobOf('queued'), '4-0') +
        status(5, 'running') +
        half +
        status(7, 'succeeded') +
        done(jobOf('succeeded')),
    ),
    answer(200, jobOf('running')),
  )
  expect(gist(await watched())).toEqual([
    ['queued', null],
    ['running', null],
    ['running', 0.5],
    ['succeeded', null],
  ])
  expect(server.seen.map(({ path }) => path)).toEqual(['/v1/jobs/job_1/events?after=latest', '/v1/jobs/job_1'])
})

it('watches on over a new connection when one breaks', async () => {
  server.play(
    stream(frame('job', jobOf('running'), '4-0'), 'breaks'),
    stream(
      frame('job', jobOf('running', { progress: { fraction: 0.7, message: null } }), '6-0') + done(jobOf('failed')),
    ),
  )
  expect(gist(await watched())).toEqual([
    ['running', null],
    ['running', 0.7],
    ['failed', null],
  ])
})

it.each([
  ['the server has no such route', refuse(404, 'not_found')],
  ['there is no place for a stream', refuse(503, 'streams_full')],
  ['something in between answers', answer(200, 'hello', { 'content-type': 'text/html' })],
])('watches by polling when %s', async (_why, step) => {
  server.play(step, answer(200, jobOf('running'), { etag: '"1"' }), answer(200, jobOf('succeeded')))
  expect(gist(await watched()).map(([to]) => to)).toEqual(['running', 'succeeded'])
  expect(server.seen.at(-1)?.path).toBe('/v1/jobs/job_1?wait=0.500')
})

it('watches by polling when streams break again and again', async () => {
  server.play(stream('', 'breaks'), stream(''), stream('', 'breaks'), answer(200, jobOf('succeeded')))
  expect(gist(await watched())).toEqual([['succeeded', null]])
})
