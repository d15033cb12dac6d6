import { describe, expect, it } from 'vitest'
import { parseBenchOptions } from './bench-options.ts'
import { describeMachine } from './describe-machine.ts'
import { quantile } from './measure/median.ts'
import { takeTurns } from './measure/take-turns.ts'
import { measureRows } from './measure-rows.ts'
import { notesOf, renderResults } from './render-results.ts'
import { batchRow } from './rows/batch-row.ts'
import { readRow } from './rows/read-row.ts'

const SHORTEST = { rounds: 1, roundMs: 300, singleJobs: 1, depth: 2000, operations: 20 }

describe('the bench', () => {
  it('measures the reads of both stacks and writes them down', async () => {
    const rows = await measureRows([readRow], SHORTEST)
    expect(rows).toHaveLength(1)
    expect(rows[0]?.ratio?.median).toBeGreaterThan(0)
    expect(rows[0]?.notes[0]).toMatch(
      /CPU µs per read: Millrace redis \d+, api \d+, worker \d+, runners \d+, in all \d+; bare redis \d+, api \d+/,
    )
    const text = renderResults({ machine: describeMachine(), rows, quick: true, rounds: 1 }, 'kept')
    expect(text).toMatch(
      /^\| 2 \| Read a finished job of 1 KB, 64 clients \| [\d,]+\/s \| [\d,]+\/s \| [\d.]+ \([\d.–]+\) \| ≥ 0.7, then ≥ 0.9 \|/m,
    )
    expect(text).toMatch(/^- Redis: \d+\.\d+/m)
    expect(notesOf(text).trim()).toBe('kept')
  }, 90_000)

  it('measures a model that batches against the ideal server', async () => {
    const [full, alone] = await measureRows([batchRow], { ...SHORTEST, roundMs: 600 })
    // One by one it would be 0.11.
    expect(full?.ratio?.median).toBeGreaterThan(0.4)
    expect(alone?.ratio?.median).toBeGreaterThan(0.9)
    expect([full?.row, alone?.row]).toEqual(['9a', '9b'])
  }, 60_000)

  it('gives every variant its turn, throws the first round away and compares round by round', async () => {
    const order: string[] = []
    const variant = (name: string, values: number[]) => ({
      name,
      round: async () => (order.push(name), { speed: values.shift() as number }),
    })
    const measured = await takeTurns([variant('a', [9, 2, 40, 6]), variant('b', [1, 1, 10, 2])], 3)
    expect(order.join('')).toBe('abbaabba')
    expect(measured.median('a', 'speed')).toBe(6)
    // 2, 4 and 3: a machine that was ten times faster for one round does not move it.
    expect(measured.ratio('a', 'b', 'speed')).toEqual({ median: 3, lowest: 2, highest: 4 })
  })

  it('finds the value in the middle of an even and an odd number of values', () => {
    expect(quantile([3, 1, 2], 0.5)).toBe(2)
    expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5)
  })

  it('refuses a row that there is not', () => {
    expect(parseBenchOptions(['--quick', '--rows', '1,11'], [1, 11])).toEqual({
      quick: true,
      explain: false,
      rows: new Set([1, 11]),
    })
    expect(() => parseBenchOptions(['--rows', '3'], [1, 11])).toThrow(RangeError)
    expect(parseBenchOptions(['--depth', '50000'], []).depth).toBe(50_000)
    expect(() => parseBenchOptions(['--depth', '1000'], [])).toThrow(RangeError)
  })
})
