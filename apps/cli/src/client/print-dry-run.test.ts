import { newJobId } from '@millrace/queue'
import { expect, test } from 'vitest'
import { dryRunText } from './print-dry-run.ts'

const queue = { position: 3, ahead: 2, eta_seconds: { p50: 8, p90: 20 }, why: 'busy', workers: 1, note: null } as const
const tried = { object: 'dry_run', model: 'ocr', version: '1.0.0', job_id: null, late: false, queue } as const

test('says where it would wait and for how long, or that it would start at once', () => {
  expect(dryRunText(tried)).toBe(
    'ocr 1.0.0 would take it, and it would wait, place 3 in line, starts in about 8 s, at most 20 s',
  )
  const next = { ...queue, position: 1, ahead: 0, why: null }
  expect(dryRunText({ ...tried, queue: next })).toBe('ocr 1.0.0 would take it, and it would start at once.')
  const nobody = { ...next, eta_seconds: null, why: 'no_worker', note: 'No worker serves version 1.0.0 now.' } as const
  expect(dryRunText({ ...tried, queue: nobody })).toBe(
    'ocr 1.0.0 would take it, and it would wait: No worker serves version 1.0.0 now.',
  )
})

test('says that it would be late, and which job is there already', () => {
  expect(dryRunText({ ...tried, late: true })).toContain('\nIt would probably expire before it starts.')
  const id = newJobId('ocr')
  expect(dryRunText({ ...tried, job_id: id, queue: null })).toBe(`There is a job of this key already: ${id}.`)
})
