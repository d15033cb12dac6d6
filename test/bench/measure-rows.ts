/** Measures or profiles rows one after the other, with one load generator for all. Called by both mains and by the bench's own test. */
import { startLoadGenerator } from './load/start-load-generator.ts'
import { batchRow } from './rows/batch-row.ts'
import { celeryRow } from './rows/celery-row.ts'
import { depthRow } from './rows/depth/depth-row.ts'
import { feedingRow } from './rows/feeding/feeding-row.ts'
import { latencyRow } from './rows/latency-row.ts'
import { readRow } from './rows/read-row.ts'
import { pythonRow } from './rows/python-row.ts'
import type { Row, RowContext, RowResult } from './rows/row.ts'
import { startRow } from './rows/start-row.ts'
import { submitRow } from './rows/submit-row.ts'
import { tenantsRow } from './rows/tenants-row.ts'
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
  feedingRow,
  batchRow,
  depthRow,
  startRow,
  tenantsRow,
]

export type Pace = Omit<RowContext, 'generator'>

export interface MeasureOptions {
  /** Hears each result as it comes. */
  onRow?: (results: RowResult[]) => void
  /** Beside a row that does not surely meet its targets, says where the time goes. */
  explain?: boolean
}

export const FULL: Pace = { rounds: 5, roundMs: 4000, singleJobs: 300, depth: 1_000_000, operations: 800 }
export const QUICK: Pace = { rounds: 3, roundMs: 800, singleJobs: 60, depth: 20_000, operations: 300 }

export function measureRows(
  rows: readonly Row[],
  pace: Pace,
  { onRow, explain = false }: MeasureOptions = {},
): Promise<RowResult[]> {
  return withGenerator(pace, async (context) => {
    const all: RowResult[] = []
    for (const row of rows) {
      const results = await row.run(context)
      if (explain && isMissed(results)) results[0]?.notes.push(...((await row.profile?.(context)) ?? []))
      onRow?.(results)
      all.push(...results)
    }
    return all
  })
}

/** Says only where the time of these rows goes, by their numbers. */
export function profileRows(rows: readonly Row[], pace: Pace, onRow: (row: number, profile: string[]) => void) {
  return withGenerator(pace, async (context) => {
    for (const { number, profile } of rows) if (profile) onRow(number, await profile(context))
  })
}

async function withGenerator<T>(pace: Pace, act: (context: RowContext) => Promise<T>): Promise<T> {
  const generator = startLoadGenerator()
  try {
    return await act({ generator, ...pace })
  } finally {
    generator.stop()
  }
}

const isMissed = (results: RowResult[]): boolean => results.some(({ met }) => met === 'no' || met === 'unclear')
