import { expect, it } from 'vitest'
import { judgeUsage, type UsedEvidence } from './judge-usage.ts'

const MOVES = [
  '1-0\trunning\t1\t\t1\tw\t1.0.0',
  '2-0\tqueued\t1\tmodel_error\t5\t100\tcpu',
  '3-0\trunning\t2\t\t2\tw\t1.0.0',
  '4-0\tsucceeded\t2\t\t5\t20\tcpu',
]

const job = (tenant: string, record: Record<string, string>): UsedEvidence =>
  ({ plan: { tenant }, record: { input: '{"inline":"{}"}', ...record } }) as unknown as UsedEvidence

const jobs = [
  job('anna', {
    ...{ status: 'succeeded', moves: `${MOVES.join('\n')}\n`, output: '{"stored":{"size":70000}}' },
    output_files: '[{"size":8}]',
  }),
  job('anna', { status: 'failed', error: '{"code":"expired"}', moves: '5-0\tfailed\t0\texpired\n' }),
  job('bert', { status: 'canceled' }),
]
const RIGHT = { anna: ['1 0 1 0 0 0 40 120 150 2 70008', '1 0 0 1 1 0 0 0 0 2 0'], bert: ['1 0 0 0 0 1 0 0 0 2 0'] }

const judged = (used: Readonly<Record<string, string[]>>): string[] =>
  judgeUsage({ jobs, used }).map(({ what }) => what)

it('accepts what the records say, on however many days', () => {
  expect(judged(RIGHT)).toEqual([])
})

it.each([
  ['anna is told of 2 succeeded, and the records say 1', { ...RIGHT, anna: ['2 0 2 1 1 0 40 120 150 4 70008'] }],
  ['anna is told of 140 run_ms, and the records say 120', { ...RIGHT, anna: ['2 0 1 1 1 0 40 140 150 4 70008'] }],
  ['anna is told of less device time than its models ran', { ...RIGHT, anna: ['2 0 1 1 1 0 40 120 119 4 70008'] }],
  ['bert is told of 0 submitted, and the records say 1', { anna: RIGHT.anna }],
  ['cleo is told of 1 submitted, and the records say 0', { ...RIGHT, cleo: ['1 0 0 0 0 0 0 0 0 0 0'] }],
  ['bert is told of 3 bytes_in, and the records say 2', { ...RIGHT, bert: ['1 0 0 0 0 1 0 0 0 3 0'] }],
])('finds that %s', (what, used) => {
  expect(judged(used)).toContain(what)
})
