import { EventEmitter } from 'node:events'
import type { JobRecord } from '@millrace/contracts'
import { expect, it } from 'vitest'
import type { ApiContext } from '../http/api-deps.ts'
import { OWNER } from '../http/access/principal.ts'
import { Repeats } from './repeats.ts'

/** Creates of one client, over connections that end as the test says. */
function open() {
  const made: string[] = []
  const record = (id: string) => ({ id }) as JobRecord
  const repeats = new Repeats(async (_c, id) => record(id))
  const create = (body = 'a body', fault?: Error) => {
    const client = Object.assign(new EventEmitter(), { destroyed: false, writableFinished: false })
    const c = { env: { outgoing: client }, req: { path: '/a', raw: {} }, get: () => OWNER } as unknown as ApiContext
    const keep = async () => {
      if (fault) throw fault
      return record(`job_${made.push(body)}`)
    }
    const end = (more: { writableFinished: boolean }) => {
      Object.assign(client, more, { destroyed: true })
      client.emit('close')
    }
    return {
      job: repeats.keep(c, Buffer.from(body), keep).then(({ id }) => id),
      goesOn: () => repeats.goesOn(c),
      die: () => end({ writableFinished: false }),
      answer: () => end({ writableFinished: true }),
    }
  }
  return { made, create }
}

it('takes six creates whose connections died one after the other for one', async () => {
  const { made, create } = open()
  const ids: string[] = []
  for (let i = 0; i < 6; i++) {
    const one = create()
    one.die()
    ids.push(await one.job)
  }
  expect([new Set(ids).size, made.length]).toEqual([1, 1])
})

it('takes equal creates that were answered, or that live at once, for jobs of their own', async () => {
  const { made, create } = open()
  const first = create()
  await create().job
  await first.job
  first.answer()
  await create().job
  expect(made).toHaveLength(3)
})

it('gives an abandoned job to one repeat alone, and never to another body', async () => {
  const { made, create } = open()
  const lost = create()
  lost.die()
  const id = await lost.job
  expect(await create('another body').job).not.toBe(id)
  expect(await create().job).toBe(id)
  expect(await create().job).not.toBe(id)
  expect(made).toHaveLength(3)
})

it('makes a job for the repeat of what was refused', async () => {
  const { made, create } = open()
  const refused = create('a body', new Error('refused'))
  refused.die()
  await expect(refused.job).rejects.toThrow('refused')
  await create().job
  expect(made).toHaveLength(1)
})

it('goes on with the job of a create whose answer said so, once it is sent again', async () => {
  const { made, create } = open()
  const first = create()
  const id = await first.job
  first.goesOn()
  first.answer()
  const again = create()
  expect(await again.job).toBe(id)
  again.answer()
  expect(await create().job).not.toBe(id)
  expect(made).toHaveLength(2)
})
