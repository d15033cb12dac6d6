/**
 * `npm test`: format, lint, types, unused code, then the tests; all of them, so that one run tells everything.
 * The last line is `N passed, N failed`, where each check that fails counts as one failure. Arguments go to vitest.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

const CHECKS = [
  ['format', 'biome', 'format', '.'],
  ['lint', 'oxlint', '--type-aware'],
  ['types', 'tsc', '--noEmit'],
  ['unused code', 'knip'],
]

/** Totals of a vitest JSON report. A file that fails before its first test counts as one failure. */
function totals(report) {
  const broken = report.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0)
  return { passed: report.numPassedTests, failed: report.numFailedTests + broken.length }
}

const bin = (name) => join(root, 'node_modules', '.bin', name)
const seconds = (since) => `${((performance.now() - since) / 1000).toFixed(1)} s`

/** Runs one check; its output is shown only when it fails. */
function check([name, program, ...args]) {
  const since = performance.now()
  const done = spawnSync(bin(program), args, { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 })
  const ok = done.status === 0
  console.log(`${ok ? 'ok    ' : 'FAILED'} ${name} (${seconds(since)})`)
  if (!ok) console.log([done.stdout, done.stderr, done.error?.message].filter(Boolean).join('\n').trim())
  return ok
}

function runTests(args) {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-test-'))
  const reportPath = join(folder, 'report.json')
  try {
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportPath}`]
    const done = spawnSync(bin('vitest'), ['run', ...reporters, ...args], { cwd: root, stdio: 'inherit' })
    const { passed, failed } = readTotals(reportPath)
    // Errors outside of any test fail the run although every test passed.
    return { passed, failed: done.status === 0 ? failed : Math.max(failed, 1) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function readTotals(path) {
  try {
    return totals(JSON.parse(readFileSync(path, 'utf8')))
  } catch {
    return { passed: 0, failed: 1 }
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const failedChecks = CHECKS.filter((one) => !check(one)).map(([name]) => name)
  const tests = runTests(process.argv.slice(2))
  const failed = tests.failed + failedChecks.length
  if (failedChecks.length > 0) console.log(`Failed checks: ${failedChecks.join(', ')}`)
  console.log(`${tests.passed} passed, ${failed} failed`)
  process.exitCode = failed === 0 ? 0 : 1
}
