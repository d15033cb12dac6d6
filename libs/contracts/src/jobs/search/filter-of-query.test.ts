import { expect, it } from 'vitest'
import { filterOfQuery } from './filter-of-query.ts'
import { isEmptyFilter, jobFilterSchema, statusesOf } from './job-filter.ts'

const read = (query: string) => jobFilterSchema.safeParse(filterOfQuery(new URLSearchParams(query)))

it('reads lists with commas or repeated, and labels by their brackets', () => {
  const text =
    'model=ocr&status=failed,canceled&status=queued&metadata[order]=42&metadata[a%5Db]=&created_after=2026-01-01T00:00:00Z'
  expect(read(text).data).toEqual({
    ...{ model: 'ocr', status: ['failed', 'canceled', 'queued'], created_after: '2026-01-01T00:00:00Z' },
    metadata: { order: '42', 'a]b': '' },
  })
})

it('refuses what it does not know, and never drops a condition', () => {
  for (const text of [
    'state=failed',
    'status=',
    'status=failed,',
    '__proto__=a',
    'metadata[__proto__]=a',
    'metadata=a',
  ])
    expect([text, read(text).success]).toEqual([text, false])
})

it('knows which statuses can be meant, and whether any condition is there', () => {
  expect(statusesOf({ error_code: 'timeout' })).toEqual(['failed'])
  expect(statusesOf({ error_code: 'timeout', status: ['queued'] })).toEqual([])
  expect(statusesOf({ ended_after: '2026-01-01T00:00:00Z', status: ['failed', 'queued'] })).toEqual(['failed'])
  expect([{}, { metadata: {} }, { model: undefined }].map(isEmptyFilter)).toEqual([true, true, true])
  expect(isEmptyFilter({ model: 'ocr' })).toBe(false)
})
