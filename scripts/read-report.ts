/** Reads the JSON report of a run of vitest. Called by test.ts, and by the fast check of what has changed. */
import { relative } from 'node:path'

/** The fields of a report that are used. */
interface Report {
  numPassedTests: number
  numFailedTests: number
  testResults: { name: string; status: string; startTime: number; endTime: number; assertionResults: unknown[] }[]
}

export interface ReadReport {
  passed: number
  /** A file that fails before its first test counts as one. */
  failed: number
  /** How long each file took, by its path from the root. */
  seconds: Map<string, number>
}

/** Throws when the text is not a report. */
export function readReport(json: string, root: string): ReadReport {
  const { numPassedTests, numFailedTests, testResults } = JSON.parse(json) as Report
  const broken = testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0)
  return {
    passed: numPassedTests,
    failed: numFailedTests + broken.length,
    seconds: new Map(
      testResults.map(({ name, startTime, endTime }) => [relative(root, name), (endTime - startTime) / 1000]),
    ),
  }
}
