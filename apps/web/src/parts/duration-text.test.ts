import { expect, it } from 'vitest'
import { durationText } from './duration-text.ts'

it('tells a span in the units that people use for it', () => {
  const spans = [0, 12.4, 999.4, 1040, 9960, 59_400, 60_000, 184_000, 3_600_000, 7_500_000, 86_400_000, 360_000_000]
  expect(spans.map(durationText)).toEqual([
    ...[
      '0 ms',
      '12 ms',
      '999 ms',
      '1.0 s',
      '10.0 s',
      '59 s',
      '1 min',
      '3 min 4 s',
      '1 h',
      '2 h 5 min',
      '1 d',
      '4 d 4 h',
    ],
  ])
})
