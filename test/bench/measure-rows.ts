/** Measures rows one after the other, with one load generator for all. Called by main.ts and by the bench's own test. */
import { startLoadGenerator } from './load/start-load-generator.ts'
import { celeryRow } from './rows/celery-row.ts'
import { depthRow } from './rows/depth/depth-row.ts'
import { latencyRow } from './rows/latency-row.ts'
import { readRow } from './rows/read-row.ts'
import { pythonRow } from './rows/python-row.ts'
import type { Row, RowContext, RowResult } from './rows/row.ts'
import { startRow } from './rows/start-row.ts'
import { submitRow } from './rows/submit-row.ts'
import { throughputRow } from './rows/throughput-row.ts'
import { watchRow } from './rows/watch-row.ts'

export const ROWS: readonly Row[] = [
  submitRow,
  readRow,
  latencyRow,
  throughputRow,
  celeryRow,
  watchRow,
  pythonRow,
  depthRow,
  startRow,
]

export type Pace = Omit<RowContext, 'generator'>

export const FULL: Pace = { rounds: 5, roundMs: 4000, singleJobs: 300, depth: 1_000_000, operations: 800 }
export const QUICK: Pace = { rounds: 3, roundMs: 800, singleJobs: 60, depth: 20_000, operations: 300 }

/** `onRow` hears each result as it comes. */
export async function measureRows(
  rows: readonly Row[],
  pace: Pace,
  onRow: (results: RowResult[]) => void = () => undefined,
): Promise<RowResult[]> {
  const generator = startLoadGenerator()
  const all: RowResult[] = []
  try {
    for (const row of rows) {
      const results = await row.run({ generator, ...pace })
      onRow(results)
      all.push(...results)
    }
  } finally {
    generator.stop()
  }
  return all
}
