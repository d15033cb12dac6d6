import { createMetrics } from '@millrace/process'
import { expect, it, onTestFinished, vi } from 'vitest'
import { readEvents } from '../../../../test/support/event-reader.ts'
import { openQueueStand } from '../../../../test/support/open-queue-stand.ts'
import { newJob } from '../../../../test/support/open-test-queue.ts'
import { eventsOf } from '../../../../test/support/record-and-events.ts'
import { ownLine } from '../../../../test/support/take-jobs.ts'
import { until } from '../../../../test/support/until.ts'
import { createFixture } from '../app.fixture.ts'
import { startApiServer } from '../start-api-server.ts'

/** Where a job waits, told to who follows it: over real HTTP and a real Redis. */

const { queue } = await openQueueStand()

it('tells a watcher where the job waits, keeps that in no log, and looks for nobody else', async () => {
  const place = vi.spyOn(queue.jobs, 'place')
  const looks = (id: string) => place.mock.calls.filter(([record]) => record.id === id).length
  const { jobs, changes, models } = queue
  const streamPace = { tickMs: 2, placeMs: 4 }
  const fixture = await createFixture({ jobs, changes, models, streamPace })
  const server = await startApiServer({ ...fixture.deps, metrics: createMetrics() })
  onTestFinished(async () => {
    await server.close(0)
    await fixture.close()
  })
  const [job, other] = [newJob({ model: 'ocr', line: ownLine() }), newJob({ model: 'ocr', line: ownLine() })]
  for (const one of [job, other]) await queue.jobs.submit(one)
  const watch = async (id: string) => {
    const reader = await readEvents(`${server.url}/v1/jobs/${id}/events`)
    onTestFinished(() => reader.cut())
    return reader
  }

  const reader = await watch(job.id)
  await until('it looks again and again', () => looks(job.id) > 3)
  const told = reader.events.filter(({ type }) => type === 'queue')
  expect(told).toMatchObject([{ id: undefined, data: { queue: { position: 1, ahead: 0, why: 'no_worker' } } }])
  expect((await eventsOf(queue, job.id)).map(({ event }) => event.type)).toEqual(['status'])
  expect(looks(other.id), 'nobody follows it').toBe(0)

  reader.cut()
  await watch(other.id)
  let before = [0, 0]
  const isLeftAlone = () => {
    if (looks(other.id) < (before[1] as number) + 3) return false
    const is = looks(job.id) === before[0]
    before = [looks(job.id), looks(other.id)]
    return is
  }
  await until('it looks no more for who has gone', isLeftAlone)
})
