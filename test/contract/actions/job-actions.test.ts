import { isDeepStrictEqual } from 'node:util'
import { JOB_STATUSES, type JobFilter, type JobId } from '@millrace/contracts'
import type { JobActionUpkeep, NewJob } from '@millrace/queue'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { openQueueStand } from '../../support/open-queue-stand.ts'
import { openTestQueue } from '../../support/open-test-queue.ts'
import { statusOf } from '../../support/record-and-events.ts'
import { tested } from '../../support/servers/open-test-redis.ts'
import { ActionStand } from './action-stand.ts'

/** Actions on all jobs that match: which are met, that each has its turn once whatever dies, and that every count is exact. */

const { redis, raw, queue } = await openQueueStand()
const second = openTestQueue(redis.url)
afterAll(() => second.close())

const statuses = (ids: readonly JobId[]) => Promise.all(ids.map((id) => statusOf(queue, id)))

/** How often a client has put the job back. */
const reruns = async (id: JobId): Promise<number> =>
  ((await raw.hget(`{mr:${id.slice(4, 12)}}:job:${id}`, 'moves')) ?? '').split('retried by the client').length - 1

describe('an action on all that match', () => {
  it('cancels what waits, tells what runs to stop, and says what it left', async () => {
    const stand = new ActionStand(queue)
    await stand.succeed(await (await stand.submit(1), stand.claim(1)))
    await stand.submit(2)
    const held = await stand.claim(2)
    const waiting = await stand.submit(3)
    const filter = { model: stand.model }
    expect(await stand.do('cancel', filter)).toMatchObject({ status: 'done', dry_run: true, matched: 6, done: 0 })
    const told = await stand.do('cancel', filter, 6)
    expect(told).toMatchObject({
      ...{ status: 'done', matched: 6, done: 5, stopping: 2, skipped: 1, skipped_by: { job_ended: 1 }, failed: 0 },
      ...{ expect_count: 6, filter, action: 'cancel', dry_run: false },
    })
    expect(await statuses(waiting)).toEqual(['canceled', 'canceled', 'canceled'])
    expect(await queue.attempts.beat(held[0]!)).toBe('cancel')
  })

  it('puts failed jobs back, and purges what does not run', async () => {
    const stand = new ActionStand(queue)
    const failed = await stand.failed(2)
    await stand.submit(1)
    expect(await stand.do('retry', { model: stand.model }, 3)).toMatchObject({
      ...{ done: 2, skipped: 1, skipped_by: { job_not_retryable: 1 } },
    })
    expect(await statuses(failed)).toEqual(['queued', 'queued'])
    const [one] = await stand.claim(1)
    expect(await stand.do('purge', { model: stand.model }, 3)).toMatchObject({
      ...{ done: 2, skipped: 1, skipped_by: { job_running: 1 } },
    })
    expect((await statuses(failed)).toSorted()).toEqual(
      ['purged', one!.id === failed[0] ? 'running' : 'running'].toSorted(),
    )
    // Nothing is left of what waited.
    await expect(stand.claim(1)).rejects.toThrow('no more jobs')
  })

  it('does nothing when more or less match than was expected', async () => {
    const stand = new ActionStand(queue)
    const failed = await stand.failed(3)
    for (const expect_count of [2, 4]) {
      const refused = await stand.do('retry', { model: stand.model, status: ['failed'] }, expect_count)
      expect(refused).toMatchObject({ status: 'refused', matched: 3, expect_count, done: 0, skipped: 0 })
      expect(refused.finished_at).not.toBeNull()
    }
    expect(await statuses(failed)).toEqual(['failed', 'failed', 'failed'])
  })

  it('leaves jobs alone that came later, or came to match later', async () => {
    const stand = new ActionStand(queue)
    await stand.failed(2)
    await stand.submit(1)
    const [running] = await stand.claim(1)
    const id = await stand.begin('retry', { model: stand.model, status: ['failed'] }, 2)
    const counting = stand.runner()
    await counting.count(id)
    await stand.fail([running!])
    const [later] = await stand.failed(1)
    await counting.goOn(id)
    expect(await stand.read(id)).toMatchObject({ status: 'done', matched: 2, done: 2, skipped: 0 })
    expect(await statuses([running!.id, later!])).toEqual(['failed', 'failed'])
  })

  it('says of jobs that do not match any more that they changed', async () => {
    const stand = new ActionStand(queue)
    const [gone] = await stand.submit(3)
    const id = await stand.begin('cancel', { model: stand.model, status: ['queued'] }, 3)
    await stand.runner().count(id)
    await queue.jobs.cancel(gone!, stand.tenant)
    await stand.runner().goOn(id)
    expect(await stand.read(id)).toMatchObject({ done: 2, skipped: 1, skipped_by: { changed: 1 } })
  })

  it('takes all models when none is named, or those of the key', async () => {
    const stand = new ActionStand(queue)
    const other = `${stand.model}-b`
    for (const model of [stand.model, other]) await stand.publish(model)
    await stand.submit(1)
    await stand.submit(1, { model: other })
    expect(await stand.do('cancel', { status: ['queued'] })).toMatchObject({ matched: 2 })
    const wish = {
      tenant: stand.tenant,
      action: 'cancel',
      filter: { status: ['queued'] },
      isDry: false,
      expect: 1,
    } as const
    const begun = await queue.jobActions.begin({ ...wish, filter: { status: ['queued'] }, models: new Set([other]) })
    const id = 'id' in begun ? begun.id : ''
    await stand.runner().goOn(id)
    expect(await stand.read(id)).toMatchObject({ matched: 1, done: 1 })
    const reader = (models: string[]) => ({ tenant: stand.tenant, models: new Set(models) })
    expect(await queue.jobActions.get(id, reader([stand.model]))).toBeUndefined()
    expect(await queue.jobActions.get(id, reader([other]))).toBeDefined()
    const { actions } = await queue.jobActions.list(reader([other]), { limit: 10 })
    expect(actions.map((one) => one.id)).toEqual([id])
  })

  it('puts back no more than the limits of today allow, and says why', async () => {
    const stand = new ActionStand(queue)
    await stand.failed(5)
    await stand.submit(1)
    await queue.tenants.change(stand.tenant, { open_jobs: 3 })
    const filter = { model: stand.model, status: ['failed'] } satisfies JobFilter
    expect(await stand.do('retry', filter, 5)).toMatchObject({ done: 2, skipped_by: { tenant_limit: 3 } })
    await queue.tenants.change(stand.tenant, { open_jobs: null })
    await queue.models.pause(stand.model, { submits: 'refuse' } as never)
    expect(await stand.do('retry', filter, 3)).toMatchObject({ done: 0, skipped_by: { model_paused: 3 } })
    await queue.models.resume(stand.model, {} as never)
    expect(await stand.do('retry', filter, 3)).toMatchObject({ done: 3, skipped: 0 })
  })

  it('is known to its tenant alone, newest first, and so many go on at once', async () => {
    const stand = new ActionStand(queue)
    const ids: string[] = []
    for (let i = 0; i < 10; i++) ids.push(await stand.begin('cancel', { model: stand.model }, 0))
    await expect(stand.begin('cancel', { model: stand.model }, 0)).rejects.toThrow('limited')
    expect(await queue.jobActions.get(ids[0]!, { tenant: 'another' })).toBeUndefined()
    const page = await queue.jobActions.list({ tenant: stand.tenant }, { limit: 4 })
    const rest = await queue.jobActions.list({ tenant: stand.tenant }, { limit: 10, cursor: page.nextCursor! })
    expect([...page.actions, ...rest.actions].map(({ id }) => id)).toEqual(ids.toReversed())
    await stand.runner().round()
    expect(await stand.do('cancel', { model: stand.model }, 0)).toMatchObject({ status: 'done', matched: 0 })
  })
})

describe('an action that is disturbed', () => {
  /** Every call of the upkeep, counted; those after the given one fail, before or after they have done their work. */
  function dying(after: number, isLate: boolean): { actions: JobActionUpkeep; calls: () => number } {
    let calls = 0
    const actions = new Proxy(queue.jobActions, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name)
        if (typeof member !== 'function') return member
        return async (...args: unknown[]) => {
          if (++calls > after && !isLate) throw new Error('killed')
          const answer: unknown = await Reflect.apply(member, target, args)
          if (calls > after) throw new Error('killed')
          return answer
        }
      },
    })
    return { actions, calls: () => calls }
  }

  it('goes on after the end of its process at any step, in another one, and meets each job once', async () => {
    let steps = 20
    for (let after = 0; after < steps; after += 3) {
      const stand = new ActionStand(queue)
      const ids = await stand.failed(120)
      const id = await stand.begin('retry', { model: stand.model, status: ['failed'] }, 120)
      const { actions, calls } = dying(after, after % 2 === 1)
      await stand.runner(actions).goOn(id)
      steps = Math.max(steps, calls())
      await raw.del(`{mr:actions}:taken:${id}`)
      await new ActionStand(second).runner().round()
      const told = await stand.read(id)
      expect([after, told.status, told.matched, told.done, told.skipped]).toEqual([after, 'done', 120, 120, 0])
      expect([after, new Set(await Promise.all(ids.map(reruns)))]).toEqual([after, new Set([1])])
    }
  })

  it('meets each job once when two processes believe that it is theirs', async () => {
    const stand = new ActionStand(queue)
    const ids = await stand.failed(300)
    const id = await stand.begin('retry', { model: stand.model, status: ['failed'] }, 300)
    /** It never hears that it is another one's. */
    const deaf = (of: JobActionUpkeep) =>
      new Proxy(of, {
        get(target, name) {
          if (name !== 'take') return Reflect.get(target, name).bind(target) as unknown
          return async (...args: Parameters<JobActionUpkeep['take']>) => {
            for (;;) {
              await raw.del(`{mr:actions}:taken:${id}`)
              const status = await target.take(...args)
              if (status !== 'taken') return status
            }
          }
        },
      })
    await Promise.all([queue, second].map((one) => stand.runner(deaf(one.jobActions)).goOn(id)))
    expect(await stand.read(id)).toMatchObject({ status: 'done', done: 300, skipped: 0 })
    expect(new Set(await Promise.all(ids.map(reruns)))).toEqual(new Set([1]))
  })

  it('does nothing more once it is canceled, and says what it did', async () => {
    const stand = new ActionStand(queue)
    const ids = await stand.submit(200)
    const id = await stand.begin('cancel', { model: stand.model }, 200)
    const act = async (...args: Parameters<JobActionUpkeep['act']>) => {
      const answer = await queue.jobActions.act(...args)
      await queue.jobActions.stop(id)
      return answer
    }
    const stopped = new Proxy(queue.jobActions, {
      get: (target, name) => (name === 'act' ? act : (Reflect.get(target, name).bind(target) as unknown)),
    })
    await stand.runner(stopped).goOn(id)
    expect(await stand.read(id)).toMatchObject({ status: 'canceled', done: 50, matched: 200, skipped: 0 })
    expect((await statuses(ids)).filter((status) => status === 'canceled')).toHaveLength(50)
    // One that counts yet has done nothing.
    const early = await stand.begin('cancel', { model: stand.model }, 200)
    await queue.jobActions.stop(early)
    await stand.runner().goOn(early)
    expect(await stand.read(early)).toMatchObject({ status: 'canceled', matched: null, done: 0 })
  })
})

it('counts what a plain list counts, whatever the filter', async () => {
  const stand = new ActionStand(queue)
  const other = `${stand.model}-b`
  const plain: { model: string; status: string; order: string; id: JobId; code: string | null }[] = []
  for (const [i, model] of [stand.model, stand.model, stand.model, other].entries()) {
    const order = i % 2 === 0 ? 'x' : 'y'
    const more: Partial<NewJob> = { model, metadata: { order } }
    const note = (ids: JobId[], status: string, code: string | null = null) =>
      plain.push(...ids.map((id) => ({ model, status, order, id, code })))
    await stand.submit(6, more)
    const holds = await stand.claim(6, model)
    await stand.fail(holds.slice(0, 2), 'timeout')
    await stand.fail(holds.slice(2, 3))
    await stand.succeed(holds.slice(3, 4))
    note(
      holds.slice(0, 2).map(({ id }) => id),
      'failed',
      'timeout',
    )
    note([holds[2]!.id], 'failed', 'model_error')
    note([holds[3]!.id], 'succeeded')
    note(
      holds.slice(4).map(({ id }) => id),
      'running',
    )
  }
  const waiting = await stand.submit(3, { metadata: { order: 'x' } })
  plain.push(...waiting.map((id) => ({ model: stand.model, status: 'queued', order: 'x', id, code: null })))
  const filters = fc.record(
    {
      model: fc.constant(stand.model),
      status: fc.subarray([...JOB_STATUSES], { minLength: 1 }),
      error_code: fc.constantFrom('timeout', 'model_error'),
      metadata: fc.constantFrom({ order: 'x' }, { order: 'z' }),
    },
    { requiredKeys: ['model'] },
  )
  await fc.assert(
    fc.asyncProperty(filters, async (filter) => {
      const matching = plain.filter(
        ({ model, status, code, order }) =>
          model === filter.model &&
          (filter.status?.includes(status as never) ?? true) &&
          (filter.error_code ?? code) === code &&
          isDeepStrictEqual({ order, ...filter.metadata }, { order }),
      )
      const { matched } = await stand.do('cancel', filter as JobFilter)
      expect(matched).toBe(matching.length)
    }),
    { numRuns: tested.kind === 'cluster' ? 10 : 40 },
  )
})
