import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createVitest } from 'vitest/node'
import { expect, it } from 'vitest'
import { countWorkers } from './count-workers.ts'
import { readReport } from './read-report.ts'
import { SLOW_TESTS } from './slow-tests.ts'
import { LongestFirst } from './longest-first.ts'

const root = join(import.meta.dirname, '..')

it('the list of slow tests names only what is there', () => {
  expect(Object.keys(SLOW_TESTS).filter((path) => !existsSync(join(root, path)))).toEqual([])
})

it('the longest begin first, and those that are not listed come last', async () => {
  const vitest = await createVitest('test', { root, config: false, watch: false })
  try {
    const [slowest, slow] = Object.keys(SLOW_TESTS).sort((a, b) => SLOW_TESTS[b]! - SLOW_TESTS[a]!)
    const paths = ['scripts/slow-tests.test.ts', slow!, slowest!]
    const specifications = paths.map((path) => vitest.getRootProject().createSpecification(join(root, path)))
    const sorted = await new LongestFirst(vitest).sort(specifications)
    expect(sorted.map(({ moduleId }) => moduleId)).toEqual(paths.toReversed().map((path) => join(root, path)))
  } finally {
    await vitest.close()
  }
})

it('as many files run at once as there are cores, and fewer where memory is short', () => {
  const gigabytes = 1024 ** 3
  expect(countWorkers(2, 24 * gigabytes)).toBe(3)
  expect(countWorkers(8, 4 * gigabytes)).toBe(2)
  expect(countWorkers(64, 512 * gigabytes)).toBe(16)
  expect(countWorkers(1, gigabytes / 2)).toBe(1)
})

it('a report counts a file that fails before its first test as one failure', () => {
  const file = { name: join(root, 'a.test.ts'), status: 'failed', startTime: 1000, endTime: 3500, assertionResults: [] }
  const json = JSON.stringify({ numPassedTests: 3, numFailedTests: 1, testResults: [file] })
  expect(readReport(json, root)).toEqual({ passed: 3, failed: 2, seconds: new Map([['a.test.ts', 2.5]]) })
})
