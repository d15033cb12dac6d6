import { type WorkerEntry, type WorkerModelEntry } from '@millrace/contracts'
import { InvalidCursorError } from '@millrace/queue'
import { beforeEach, describe, expect, it } from 'vitest'
import { openQueueStand } from '../../support/open-queue-stand.ts'

/** What the registry of worker processes keeps, for how long, and how a wish reaches a worker. */

const { raw, queue } = await openQueueStand()
const { workers } = queue

beforeEach(() => raw.flushall())

const entry = (change: Partial<WorkerEntry> = {}): WorkerEntry => ({
  ...{ host: 'gpu-3', pid: 7, millrace_version: '0.1.0', state: 'up', held: 0, models: [], devices: [] },
  ...change,
})

/** As if nothing had been heard for so long. */
const silent = (worker: string, seconds: number) => raw.zadd('{mr:workers}:seen', Date.now() - seconds * 1000, worker)

describe('a worker', () => {
  it('is what it said last, with times by the clock of Redis', async () => {
    await workers.beat('w_1', entry({ held: 3 }))
    await workers.beat('w_1', entry({ held: 2 }))
    const known = await workers.get('w_1')
    expect(known).toMatchObject({ id: 'w_1', lost: false, drainWished: false, entry: entry({ held: 2 }) })
    const [started, seen] = [Date.parse(known!.startedAt), Date.parse(known!.lastBeatAt)]
    expect(seen).toBeGreaterThanOrEqual(started)
    expect(Date.now() - started).toBeLessThan(5000)
  })

  it('that was not heard is lost, and after ten minutes forgotten by whoever beats', async () => {
    for (const worker of ['w_silent', 'w_gone', 'w_here']) await workers.beat(worker, entry())
    await workers.wish('w_gone', true)
    await Promise.all([silent('w_silent', 20), silent('w_gone', 601)])
    await workers.beat('w_here', entry())
    expect(await workers.get('w_silent')).toMatchObject({ lost: true })
    expect(await workers.get('w_gone')).toBeUndefined()
    const { workers: listed } = await workers.list({ limit: 10 })
    expect(listed.map(({ id, lost }) => [id, lost])).toEqual([
      ['w_here', false],
      ['w_silent', true],
    ])
    expect(await raw.hlen('{mr:workers}:wishes')).toBe(0)
  })

  it('that leaves is gone at once', async () => {
    await workers.beat('w_1', entry())
    await workers.leave('w_1')
    expect(await workers.list({ limit: 10 })).toEqual({ workers: [], nextCursor: null })
    expect(await raw.keys('{mr:workers}*')).toEqual([])
  })

  it('hears with its next beat that it is to take nothing more, and that it may again', async () => {
    expect(await workers.beat('w_1', entry())).toEqual({ drain: false })
    expect(await workers.wish('w_1', true)).toBe(true)
    expect(await workers.get('w_1')).toMatchObject({ drainWished: true })
    expect(await workers.beat('w_1', entry())).toEqual({ drain: true })
    expect(await workers.wish('w_1', false)).toBe(true)
    expect(await workers.beat('w_1', entry())).toEqual({ drain: false })
  })

  it('that nobody knows is wished nothing', async () => {
    expect([await workers.wish('w_none', true), await workers.wish('*', true)]).toEqual([false, false])
    expect(await workers.get('w_none')).toBeUndefined()
    expect(await raw.exists('{mr:workers}:wishes')).toBe(0)
  })
})

describe('models that are not ready', () => {
  const model = (change: Partial<WorkerModelEntry>): WorkerModelEntry => ({
    ...{ label: 'ocr', name: 'ocr', version: null, state: 'loading', reason: null, places: 0, held: 0 },
    ...{ refused: false, slots: [], ahead: [], ...change },
  })
  const loads = () => queue.models.loads()

  it('are those that workers say they load or could not load, with the reason in one line', async () => {
    await workers.beat('w_1', entry({ models: [model({}), model({ name: 'up', state: 'ready' })] }))
    await workers.beat('w_2', entry({ models: [model({ name: null }), model({ name: 'gone', state: 'draining' })] }))
    expect(await loads()).toEqual([{ name: 'ocr', state: 'loading', reason: null }])
    const reason = 'no weights at https://me:pass@host/x\n  at load (model.ts:3)'
    await workers.beat('w_1', entry({ models: [model({ state: 'failed', reason })] }))
    expect(await loads()).toEqual([{ name: 'ocr', state: 'failed', reason: 'no weights at https://***@host/x' }])
    await workers.beat('w_1', entry({ models: [model({ state: 'ready' })] }))
    expect(await loads()).toEqual([])
    expect(await raw.exists('{mr:workers}:unready')).toBe(0)
  })

  it('vanish with their worker: at once when it leaves, after 15 s when it is lost', async () => {
    await workers.beat('w_leaves', entry({ models: [model({ name: 'left' })] }))
    await workers.beat('w_dies', entry({ models: [model({ name: 'lost' })] }))
    await workers.leave('w_leaves')
    expect((await loads()).map(({ name }) => name)).toEqual(['lost'])
    await silent('w_dies', 14)
    expect(await loads()).toHaveLength(1)
    await silent('w_dies', 17)
    expect(await loads()).toEqual([])
    await silent('w_dies', 601)
    await workers.beat('w_here', entry())
    expect(await raw.exists('{mr:workers}:unready')).toBe(0)
  })

  it('do not depend on what cannot be read', async () => {
    await workers.beat('w_1', entry({ models: [model({})] }))
    await workers.beat('w_new', entry())
    await raw.hset('{mr:workers}:unready', 'w_new', '[{"name":"ocr","state":"dreaming"}]')
    expect(await loads()).toEqual([{ name: 'ocr', state: 'loading', reason: null }])
  })
})

describe('the list of workers', () => {
  it('comes in pages, the newest first', async () => {
    for (const worker of ['w_1', 'w_2', 'w_3']) await workers.beat(worker, entry())
    const first = await workers.list({ limit: 2 })
    expect(first.workers.map(({ id }) => id)).toEqual(['w_3', 'w_2'])
    const rest = await workers.list({ limit: 2, cursor: first.nextCursor! })
    expect([rest.workers.map(({ id }) => id), rest.nextCursor]).toEqual([['w_1'], null])
    await expect(workers.list({ limit: 2, cursor: 'no' })).rejects.toThrow(InvalidCursorError)
  })

  it('leaves out what it does not understand', async () => {
    await workers.beat('w_1', entry())
    await workers.beat('w_new', { ...entry(), state: 'dreaming' as never })
    expect((await workers.list({ limit: 10 })).workers.map(({ id }) => id)).toEqual(['w_1'])
  })
})
