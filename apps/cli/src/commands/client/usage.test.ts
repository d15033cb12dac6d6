import type { Usage, UsageSums } from '@millrace/contracts'
import { expect, it } from 'vitest'
import { usageTable } from './usage.ts'

const sums = (n: number): UsageSums => ({
  ...{ submitted: n, reran: 0, succeeded: n, failed: 0, expired: 0, canceled: 0 },
  ...{ queue_seconds: 0.25 * n, run_seconds: n, device_seconds: n, bytes_in: 500 * n, bytes_out: 0, retried: 0 },
})
const usage: Usage = {
  ...{ object: 'usage', from: '2026-11-01', to: '2026-11-30', by: ['model', 'key'], total: sums(12) },
  data: [
    { model: 'ocr', key: null, ...sums(10) },
    { model: 'ocr', key: 'k'.repeat(16), ...sums(2) },
  ],
}

it('shows a row for each group, and their sum', () => {
  expect(usageTable(usage)).toBe(
    [
      '2026-11-01 to 2026-11-30',
      'MODEL  KEY               SUBMITTED  SUCCEEDED  FAILED  EXPIRED  CANCELED  QUEUE S  RUN S  DEVICE S  IN      OUT',
      'ocr    -                 10         10         0       0        0         2.5      10.0   10.0      5.0 KB  0 B',
      'ocr    kkkkkkkkkkkkkkkk  2          2          0       0        0         0.5      2.0    2.0       1.0 KB  0 B',
      'total                    12         12         0       0        0         3.0      12.0   12.0      6.0 KB  0 B',
    ].join('\n'),
  )
  expect(usageTable({ ...usage, data: [] })).toBe('Nothing was used (2026-11-01 to 2026-11-30).')
})
