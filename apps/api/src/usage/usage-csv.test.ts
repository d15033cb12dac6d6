import type { Usage, UsageSums } from '@millrace/contracts'
import { expect, it } from 'vitest'
import { csvLine, usageCsv } from './usage-csv.ts'

const sums: UsageSums = {
  ...{ submitted: 3, reran: 1, succeeded: 2, failed: 2, expired: 1, canceled: 0 },
  ...{
    queue_seconds: 0.25,
    run_seconds: 7.5,
    device_seconds: 12.001,
    bytes_in: 1024,
    bytes_out: 9_007_199_254_740_991,
    retried: 4,
  },
}

it('writes a line of names and one for each row', () => {
  const usage: Usage = {
    ...{ object: 'usage', from: '2026-11-01', to: '2026-11-02', by: ['day', 'model', 'key'], total: sums },
    data: [
      { day: '2026-11-01', model: 'ocr', key: null, ...sums },
      { day: '2026-11-02', model: 'ocr', key: 'k'.repeat(16), ...sums, reran: 0 },
    ],
  }
  expect(usageCsv(usage)).toBe(
    [
      'day,model,key,submitted,reran,succeeded,failed,expired,canceled,queue_seconds,run_seconds,device_seconds,bytes_in,bytes_out,retried',
      '2026-11-01,ocr,,3,1,2,2,1,0,0.25,7.5,12.001,1024,9007199254740991,4',
      '2026-11-02,ocr,kkkkkkkkkkkkkkkk,3,0,2,2,1,0,0.25,7.5,12.001,1024,9007199254740991,4',
      '',
    ].join('\r\n'),
  )
})

it.each([
  ['a,b', '"a,b"'],
  ['say "hi"', '"say ""hi"""'],
  ['two\nlines', '"two\nlines"'],
  ['=1+1', "'=1+1"],
  ['-x', "'-x"],
  ['a-b', 'a-b'],
])('writes %j as %j', (text, cell) => {
  expect(csvLine([text, null, -1])).toBe(`${cell},,-1\r\n`)
})
