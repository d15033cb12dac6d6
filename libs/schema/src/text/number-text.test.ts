import { expect, it } from 'vitest'
import { type NumberText, numberTextFault } from './number-text.ts'

const READS = ['int', 'whole', 'float', 'decimal'] as const

it.each<[NumberText, unknown, string | undefined]>([
  [{ reads: 'int', minimum: 1, maximum: 5 }, '0', 'minimum'],
  [{ reads: 'int', minimum: 1, maximum: 5 }, '6', 'maximum'],
  [{ reads: 'int', minimum: 1, maximum: 5 }, 'lots', 'type'],
  [{ reads: 'int', minimum: 1, maximum: 5 }, '5', undefined],
  [{ reads: 'int', minimum: 1 }, false, 'minimum'],
  [{ reads: 'int', minimum: 1 }, true, undefined],
  [{ reads: 'int', minimum: 1 }, 0, undefined],
  [{ reads: 'int', minimum: 1 }, null, undefined],
  [{ reads: 'float', exclusiveMinimum: 0, exclusiveMaximum: 1 }, '1.0', 'exclusiveMaximum'],
  [{ reads: 'float', exclusiveMinimum: 0 }, '-0', 'exclusiveMinimum'],
  [{ reads: 'float' }, 'nan', undefined],
  [{ reads: 'float', finite: true }, 'nan', 'type'],
  [{ reads: 'float', finite: true }, '1e400', 'type'],
  [{ reads: 'decimal', finite: true }, '1e400', undefined],
  [{ reads: 'decimal', finite: true }, '-Infinity', 'type'],
  [{ reads: 'int', enum: [1, 4] }, '04', undefined],
  [{ reads: 'int', enum: [1, 4] }, '5', 'enum'],
  [{ reads: 'int', maximum: 3, split: ',' }, '1, 2,3', undefined],
  [{ reads: 'int', maximum: 3, split: ',' }, '1,4', 'maximum'],
  [{ reads: 'int', split: ',' }, '1,,2', 'type'],
  [{ reads: 'int', maximum: 9007199254740992 }, '9007199254740993', 'maximum'],
])('by %j, %j breaks the rule %s', (rule, value, code) => {
  expect(numberTextFault(rule, value)?.code).toBe(code)
  expect(numberTextFault(rule, value)?.message ?? '').not.toContain('lots')
})

it('a text of any length is judged at once', () => {
  const began = performance.now()
  for (const text of [
    '7'.repeat(1e6),
    `${' '.repeat(5e5)}x${' '.repeat(5e5)}`,
    `${'1_'.repeat(5e5)}`,
    `1.${'0'.repeat(1e6)}`,
    '٣'.repeat(1e5),
  ])
    for (const reads of READS) numberTextFault({ reads }, text)
  expect(performance.now() - began).toBeLessThan(2000)
})
