import { type Manifest, manifestSchema } from '@millrace/contracts'
import { lineOfContract, lineOfVersion, linesOf } from '@millrace/queue'
import { beforeEach, describe, expect, it } from 'vitest'
import { newJob } from '../../support/open-test-queue.ts'
import { openQueueStand } from '../../support/open-queue-stand.ts'
import { takeJobs } from '../../support/take-jobs.ts'

const MODEL = 'paused'
const { raw, queue } = await openQueueStand()
const prefix = `{mr:${newJob({ model: MODEL }).id.slice(4, 12)}}:`

beforeEach(() => raw.flushall())

const manifest = (version: string): Manifest =>
  manifestSchema.parse({ name: MODEL, version, input_schema: { type: 'object' }, output_schema: {}, concurrency: 3 })
const [one, two] = [manifest('1.0.0'), manifest('2 beta')]
const contract = lineOfContract(one, 'prediction')

const takes = async (by: Manifest, extra: { process?: string; seq?: number } = {}) => {
  const answer = await takeJobs(queue, MODEL, { lines: linesOf(by), version: by.version, places: 10, ...extra })
  return answer.records.map(({ id }) => id)
}

async function submit(line = contract): Promise<string> {
  const job = newJob({ model: MODEL, line })
  await queue.jobs.submit(job)
  return job.id
}

describe('a pause', () => {
  it('of a model gives nothing out, takes submits, and after it everything goes on', async () => {
    const before = await submit()
    await queue.models.pause(MODEL, { submits: 'take' })
    const meanwhile = await submit(lineOfVersion('2 beta'))
    expect([await takes(one), await takes(two)]).toEqual([[], []])
    await raw.del(`${prefix}bell:${contract}`)
    await queue.models.resume(MODEL, {})
    expect(await raw.llen(`${prefix}bell:${contract}`)).toBe(1)
    expect([await takes(one), await takes(two)]).toEqual([[before], [meanwhile]])
  })

  it('of a version gives nothing to its workers, and all else to the others', async () => {
    const [pinned, free] = [await submit(lineOfVersion('2 beta')), await submit()]
    await queue.models.pause(MODEL, { version: '2 beta', submits: 'take' })
    expect([await takes(two), await takes(one)]).toEqual([[], [free]])
    await queue.models.resume(MODEL, { version: '2 beta' })
    expect(await takes(two)).toEqual([pinned])
  })

  it('takes nothing back: a take whose reply was lost is answered as before', async () => {
    const job = await submit()
    const lost = { process: 'p', seq: 7 }
    expect(await takes(one, lost)).toEqual([job])
    await queue.models.pause(MODEL, { submits: 'take' })
    expect(await takes(one, lost)).toEqual([job])
  })

  it('is told with the model: since when, and whether submits are taken; asked again it keeps its time', async () => {
    await queue.models.publish(one, 'w_1')
    expect((await queue.models.get(MODEL))?.pauses).toEqual({ model: null, versions: {} })
    await queue.models.pause(MODEL, { submits: 'take' })
    const { model: first } = await queue.models.pauses(MODEL)
    await queue.models.pause(MODEL, { submits: 'refuse' })
    await queue.models.pause(MODEL, { version: '2 beta', submits: 'take' })
    const { since } = first!
    expect(Date.now() - Date.parse(since)).toBeLessThan(5000)
    const told = { model: { since, submits: 'refuse' }, versions: { '2 beta': { submits: 'take' } } }
    expect((await queue.models.get(MODEL))?.pauses).toMatchObject(told)
    await queue.models.resume(MODEL, {})
    expect(await queue.models.pauses(MODEL)).toMatchObject({ model: null, versions: { '2 beta': {} } })
  })

  it('holds a line when it holds every worker of it; places of the others are counted', async () => {
    const lineOf = async (line: string) => (await queue.models.versions(MODEL))?.lines.find((it) => it.line === line)
    await queue.models.publish(one, 'w_1', 6)
    await queue.models.publish(two, 'w_2', 2)
    // As a worker of an older Millrace leaves it.
    await queue.models.publish(two, 'w_old')
    await raw.hdel(`${prefix}places`, 'w_old')
    expect(await lineOf(contract)).toMatchObject({ workers: 3, places: 9, paused: false })
    await queue.models.pause(MODEL, { version: '1.0.0', submits: 'take' })
    expect(await lineOf(contract)).toMatchObject({ workers: 3, places: 3, paused: false })
    expect(await lineOf(lineOfVersion('1.0.0'))).toMatchObject({ places: 0, paused: true })
    await queue.models.pause(MODEL, { version: '2 beta', submits: 'take' })
    // Of the worker that tells no version nobody knows better.
    expect(await lineOf(contract)).toMatchObject({ workers: 3, places: 1, paused: false })
    await queue.models.withdraw(two, 'w_old')
    expect(await lineOf(contract)).toMatchObject({ workers: 2, places: 0, paused: true })
  })
})

it('forgets the places of workers that were not seen for long', async () => {
  await queue.models.publish(one, 'w_gone')
  await raw.zadd(`${prefix}workers`, 1000, 'w_gone')
  await queue.models.publish(one, 'w_1', 4)
  expect(await raw.hgetall(`${prefix}places`)).toEqual({ w_1: '4 v:1.0.0' })
  await queue.models.withdraw(one, 'w_1')
  expect(await raw.exists(`${prefix}places`)).toBe(0)
})

it('tells a worker that publishes whether something waits that it could be given; what is paused could not', async () => {
  const told = async () => Promise.all([queue.models.publish(one, 'w_1'), queue.models.publish(two, 'w_2')])
  expect(await told()).toEqual([false, false])
  await submit(lineOfVersion('1.0.0'))
  expect(await told()).toEqual([true, false])
  await queue.models.pause(MODEL, { version: '1.0.0', submits: 'take' })
  expect(await told()).toEqual([false, false])
  await submit()
  expect(await told()).toEqual([false, true])
  await takes(two)
  expect(await told()).toEqual([false, false])
  await queue.models.resume(MODEL, { version: '1.0.0' })
  expect(await told()).toEqual([true, false])
})
