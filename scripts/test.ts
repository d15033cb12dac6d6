/**
 * `npm test`: runs format, lint, types, unused code, then the tests. It runs all of them even when one fails, so that one
 * run shows everything. The last line is `N passed, N failed`, where each failed check counts as one failure. Arguments go
 * to vitest.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type ReadReport, readReport } from './read-report.ts'
import { SLOW_TESTS } from './slow-tests.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

const CHECKS: readonly (readonly [name: string, program: string, ...args: string[]])[] = [
  ['format', 'biome', 'format', '.'],
  ['lint', 'oxlint', '--type-aware'],
  ['types', 'tsc', '--noEmit'],
  ['unused code', 'knip'],
]

/** A file that takes this long delays the whole suite when it starts late. Seconds. */
const NEWLY_SLOW_S = 12

const bin = (name: string): string => join(root, 'node_modules', '.bin', name)
const seconds = (since: number): string => `${((performance.now() - since) / 1000).toFixed(1)} s`

/** Runs one check. Its output is shown only when it fails. */
function check([name, program, ...args]: (typeof CHECKS)[number]): boolean {
  const since = performance.now()
  const done = spawnSync(bin(program), args, { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 })
  const ok = done.status === 0
  console.log(`${ok ? 'ok    ' : 'FAILED'} ${name} (${seconds(since)})`)
  if (!ok) console.log([done.stdout, done.stderr, done.error?.message].filter(Boolean).join('\n').trim())
  return ok
}

function runTests(args: readonly string[]): { passed: number; failed: number } {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-test-'))
  const reportPath = join(folder, 'report.json')
  try {
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportPath}`]
    const done = spawnSync(bin('vitest'), ['run', ...reporters, ...args], { cwd: root, stdio: 'inherit' })
    const report = reportAt(reportPath)
    if (report === undefined) return { passed: 0, failed: 1 }
    nameNewSlowTests(report)
    // An error outside of any test fails the run even when every test passed.
    return { ...report, failed: done.status === 0 ? report.failed : Math.max(report.failed, 1) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Undefined when vitest ended before it wrote a report. */
function reportAt(path: string): ReadReport | undefined {
  try {
    return readReport(readFileSync(path, 'utf8'), root)
  } catch {
    return undefined
  }
}

/** A busy machine makes every file slow, so only files that are far slower than usual are named. */
function nameNewSlowTests({ seconds: taken }: ReadReport): void {
  for (const [path, took] of taken) {
    if (took > NEWLY_SLOW_S && SLOW_TESTS[path] === undefined) {
      console.log(`${path} took ${took.toFixed(0)} s: make it wait less, or list it in scripts/slow-tests.ts`)
    }
  }
}

const failedChecks = CHECKS.filter((one) => !check(one)).map(([name]) => name)
const tests = runTests(process.argv.slice(2))
const failed = tests.failed + failedChecks.length
if (failedChecks.length > 0) console.log(`Failed checks: ${failedChecks.join(', ')}`)
console.log(`${tests.passed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1
