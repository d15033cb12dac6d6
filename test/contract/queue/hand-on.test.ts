import { newJobId } from '@millrace/queue'
import { expect, it } from 'vitest'
import { newJob } from '../../support/open-test-queue.ts'
import { openQueueStand } from '../../support/open-queue-stand.ts'

/** How far the log of a job was handed to readers that keep no place of their own: each event goes to one of them. */

const { queue } = await openQueueStand()

it('moves on from where it is, and from nowhere else', async () => {
  const job = newJob()
  await queue.jobs.submit(job)
  const move = (from: string, to: string) => queue.jobs.handOn(job.id, job.tenant, from, to)
  expect(await move('', '')).toEqual({ outcome: 'moved' })
  expect(await move('', '5-0')).toEqual({ outcome: 'moved' })
  expect(await move('', '7-0')).toEqual({ outcome: 'at', at: '5-0' })
  const race = await Promise.all(['8-0', '9-0', '9-1'].map((to) => move('5-0', to)))
  expect(race.map(({ outcome }) => outcome)).toEqual(['moved', 'at', 'at'])
  expect(await move('', '')).toEqual({ outcome: 'at', at: '8-0' })
})

it('leaves the job as it is for all others, and is not there for another tenant or after a purge', async () => {
  const job = newJob()
  await queue.jobs.submit(job)
  const before = await queue.jobs.get(job.id, { tenant: job.tenant })
  await queue.jobs.handOn(job.id, job.tenant, '', '5-0')
  expect(await queue.jobs.get(job.id, { tenant: job.tenant })).toEqual(before)
  expect(await queue.jobs.handOn(job.id, 'another', '5-0', '6-0')).toEqual({ outcome: 'missing' })
  expect(await queue.jobs.handOn(newJobId('m'), job.tenant, '', '6-0')).toEqual({ outcome: 'missing' })
  await queue.jobs.purge(job.id, job.tenant)
  expect(await queue.jobs.handOn(job.id, job.tenant, '5-0', '6-0')).toEqual({ outcome: 'missing' })
})
