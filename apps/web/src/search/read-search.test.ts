import { jobFilterSchema } from '@millrace/contracts'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { filterOfSearch, queryOfFilter } from './filter-of-search.ts'
import { readSearch } from './read-search.ts'
import { CODES, type Condition, KINDS, type SearchTerm, STATUSES } from './search-term.ts'
import { writeSearch } from './write-search.ts'

const NOW = Date.parse('2026-11-29T12:00:00Z')
const ID = `job_${'0'.repeat(8)}${'a'.repeat(26)}`
const termsOf = (line: string) => readSearch(line, NOW).terms.map(({ term }) => term)
const faultsOf = (line: string) => readSearch(line, NOW).faults.map(({ why, word, instead }) => [why, word, instead])

it('reads conditions, labels and quotes', () => {
  expect(
    readSearch('model:ocr  STATUS:failed,running order=42 "my key"="a \\"b\\" c" worker:host:1', NOW),
  ).toMatchObject({
    faults: [],
    terms: [
      { term: { is: 'condition', name: 'model', value: 'ocr' }, from: 0, to: 9 },
      { term: { is: 'condition', name: 'status', value: 'failed,running' } },
      { term: { is: 'label', key: 'order', value: '42' } },
      { term: { is: 'label', key: 'my key', value: 'a "b" c' } },
      { term: { is: 'condition', name: 'worker', value: 'host:1' } },
    ],
  })
})

it('means the job wherever its id stands in what was pasted, and a label that holds an id when it is one', () => {
  const job = [{ is: 'job', id: ID }]
  for (const pasted of [
    ID,
    ` "${ID}" `,
    `http://localhost:8080/v1/jobs/${ID}/output`,
    `jobId=${ID}`,
    `see ${ID}, please`,
  ]) {
    expect(termsOf(pasted), pasted).toEqual(job)
  }
  expect(termsOf(`parent=${ID}`)).toEqual([{ is: 'label', key: 'parent', value: ID }])
  expect(faultsOf(`model:ocr ${ID}`)).toEqual([['not_alone', ID, ID]])
})

it('takes no fault for something else, and says what was meant', () => {
  expect(faultsOf('sttus:failed')).toEqual([['unknown_name', 'sttus:failed', 'status:failed']])
  expect(faultsOf('order:42')).toEqual([['unknown_name', 'order:42', 'order=42']])
  expect(faultsOf('status:faild')).toEqual([['not_a_value', 'status:faild', 'status:failed']])
  expect(faultsOf('status:')).toEqual([['no_value', 'status:', undefined]])
  expect(faultsOf('order=')).toEqual([['no_value', 'order=', undefined]])
  expect(faultsOf('code:time')).toEqual([['not_a_value', 'code:time', 'code:timeout']])
  expect(faultsOf('since:soon')).toEqual([['not_a_value', 'since:soon', undefined]])
  expect(faultsOf('failed')).toEqual([['word', 'failed', 'status:failed']])
  expect(faultsOf('timeout')).toEqual([['word', 'timeout', 'code:timeout']])
  expect(faultsOf('ocr')).toEqual([['word', 'ocr', 'model:ocr']])
  expect(faultsOf('x="a b')).toEqual([['unclosed', 'x="a b', 'x="a b"']])
  expect(faultsOf('model:a model:b')).toEqual([['twice', 'model:b', undefined]])
  expect(faultsOf('since:1h until:2h')).toEqual([['never', 'until:2h', undefined]])
  expect(faultsOf('status:failed status:running since:2h until:1h')).toEqual([])
})

it('asks the API for what the line says, with times by the clock of the server', () => {
  const filter = filterOfSearch(
    termsOf('status:failed status:queued,failed code:timeout since:1h until:2026-11-29T11:30Z a=b'),
    NOW,
  )
  expect(filter).toEqual({
    ...{ status: ['queued', 'failed'], error_code: 'timeout', metadata: { a: 'b' } },
    ...{ created_after: '2026-11-29T11:00:00.000Z', created_before: '2026-11-29T11:30:00.000Z' },
  })
  expect(String(queryOfFilter({ status: ['queued', 'failed'], metadata: { 'a&b': 'c d' } }))).toBe(
    'status=queued%2Cfailed&metadata%5Ba%26b%5D=c+d',
  )
})

const text = fc.string({ minLength: 1, maxLength: 20, unit: 'binary' })
const valueOf: Record<Condition, fc.Arbitrary<string>> = {
  model: fc.stringMatching(/^[a-z][a-z0-9-]{0,9}$/),
  status: fc.uniqueArray(fc.constantFrom(...STATUSES), { minLength: 1 }).map((some) => some.join(',')),
  code: fc.constantFrom(...CODES),
  kind: fc.constantFrom(...KINDS),
  failure: fc.stringMatching(/^fail_[0-9a-hjkmnp-tv-z]{26}$/),
  ...{ version: text, worker: text, device: text },
  ...{ since: fc.constant('2h'), until: fc.constantFrom('1h', '2026-11-29T11:59Z') },
  ...{ 'ended-since': fc.constant('2026-11-28T00:00Z'), 'ended-until': fc.constant('1m') },
}
const condition = fc
  .constantFrom(...(Object.keys(valueOf) as Condition[]))
  .chain((name) => valueOf[name].map((value): SearchTerm => ({ is: 'condition', name, value })))
const key = fc.oneof(text, fc.constantFrom('id', 'job', '__proto__', 'model', 'a:b', 'see?job'))
const label = fc
  .tuple(key, fc.oneof(text, fc.constant(ID), fc.constant('')))
  .map(([name, value]): SearchTerm => ({ is: 'label', key: name, value }))
const nameOf = (term: SearchTerm) => (term.is === 'label' ? `${term.key}=` : term.is === 'job' ? term.id : term.name)
const search = fc.oneof(
  fc.uniqueArray(fc.oneof(condition, label), { selector: nameOf, maxLength: 6 }),
  fc.constant([{ is: 'job', id: ID }] satisfies SearchTerm[]),
)

it('reads what it wrote, and the API takes it', () => {
  fc.assert(
    fc.property(search, (terms) => {
      const line = writeSearch(terms)
      const read = readSearch(line, NOW)
      expect(read.faults).toEqual([])
      expect(read.terms.map(({ term }) => term)).toEqual(terms)
      expect(jobFilterSchema.safeParse(filterOfSearch(terms, NOW)).error).toBeUndefined()
    }),
  )
})

it('says something of every word of every line', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 80 }), (line) => {
      const { terms, faults } = readSearch(line, NOW)
      expect(terms.length + faults.length > 0).toBe(line.trim() !== '')
    }),
  )
})
