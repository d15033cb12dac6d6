import { filterOfQuery, jobFilterSchema } from '@millrace/contracts'
import { expect, it } from 'vitest'
import { queryText } from '../http/pages-of.ts'
import type { JobConditions } from '../call-options.ts'
import { filterQuery } from './filter-query.ts'

const asServerReads = (filter: JobConditions) =>
  jobFilterSchema.parse(filterOfQuery(new URLSearchParams(queryText(filterQuery(filter)))))

it('is read by the server as it was meant', () => {
  const filter: JobConditions = {
    ...{ model: 'ocr', kind: 'training', version: '1 & 2', error_code: 'timeout', worker: 'w=1', device: 'cuda:0' },
    ...{ created_after: '2026-01-01T00:00:00+02:00', metadata: { 'a]b&': 'ü,', empty: '' } },
  }
  expect(asServerReads(filter)).toEqual(filter)
  expect(asServerReads({ status: 'failed' })).toEqual({ status: ['failed'] })
  expect(asServerReads({ status: ['failed', 'canceled'] })).toEqual({ status: ['failed', 'canceled'] })
  expect(asServerReads({})).toEqual({})
})
