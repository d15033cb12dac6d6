import type { Job } from '@millrace/contracts'
import { expect, it } from 'vitest'
import { type JobRow, mergePage, rowRead } from './merge-page.ts'

const job = (id: string, status: Job['status'] = 'queued', second = Number(id)): Job =>
  ({ id, status, attempt: 0, created_at: `2026-11-29T12:00:${String(second).padStart(2, '0')}Z` }) as Job
const rows = (...jobs: Job[]): JobRow[] => jobs.map((one) => ({ job: one, state: 'matches' }))
const ids = (some: readonly JobRow[]) => some.map((row) => row.job.id)

it('changes rows where they stand, counts what is new, and moves nothing', () => {
  const shown = rows(job('5'), job('4'), job('3'))
  const merged = mergePage(shown, [job('7'), job('6'), job('5', 'running'), job('4')], true)
  expect(ids(merged.rows)).toEqual(['5', '4', '3'])
  expect(merged.rows.map((row) => row.job.status)).toEqual(['running', 'queued', 'queued'])
  expect(merged.rows[1]).toBe(shown[1])
  expect([merged.fresh, merged.unseen]).toEqual([2, ['3']])
})

it('takes no older job that moved up for a new one, and on a later page none at all', () => {
  const shown = rows(job('5', 'running'), job('4', 'running'))
  expect(mergePage(shown, [job('4', 'running'), job('2', 'running')], true)).toMatchObject({ fresh: 0, unseen: ['5'] })
  expect(mergePage(shown, [job('9'), job('5', 'running')], false).fresh).toBe(0)
  expect(mergePage([], [job('1')], true).fresh).toBe(1)
})

it('says of a row that it does not match any more, or is gone', () => {
  const [row] = rows(job('5', 'running')) as [JobRow]
  expect(rowRead(row, job('5', 'succeeded'))).toMatchObject({ state: 'changed', job: { status: 'succeeded' } })
  expect(rowRead(row, undefined)).toMatchObject({ state: 'gone' })
  expect(rowRead(row, job('5', 'running'))).toBe(row)
  const ended = rows(job('5', 'succeeded'))
  expect(mergePage(ended, [], true).unseen).toEqual([])
})
