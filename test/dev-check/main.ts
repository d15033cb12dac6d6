/**
 * `npm run dev:check [-- <commit>]`: format, lint, types and the nearest tests of what has changed since the commit, in
 * less than 15 s on two idle cores. Without one: since the last commit, or, where nothing has, since main. Prints what
 * failed, then one line that says what was checked and what was left out. Exit codes: 0 all is well, 1 something failed.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readReport } from '../../scripts/read-report.ts'
import { SLOW_TESTS } from '../../scripts/slow-tests.ts'
import { readHouse } from '../architecture/reading/read-house.ts'
import { changedFiles } from './changed-files.ts'
import { findNearTests } from './find-near-tests.ts'
import { needGraph } from './need-graph.ts'
import { type Choice, pickTests } from './pick-tests.ts'
import { type Ended, runProgram } from './run-program.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
/** What tests may take; the rest of the 15 s is for starting, types and lint. Seconds, for each core. */
const TESTS_S = 6
/** What a file takes that is not on the list of slow ones. Seconds. */
const USUAL_S = 0.7
/** What the types were the last time, so that only what depends on a change is looked at again. */
const CACHE = join('node_modules', '.cache', 'dev-check')

const began = performance.now()
const { since, paths } = changedFiles(ROOT, process.argv[2])
if (paths.length === 0) console.log(`Nothing has changed since ${since}.`)
else await check()

async function check(): Promise<void> {
  mkdirSync(join(ROOT, CACHE), { recursive: true })
  const types = runProgram(ROOT, 'tsc', [
    '--noEmit',
    '--incremental',
    '--tsBuildInfoFile',
    join(CACHE, 'types.tsbuildinfo'),
  ])
  const sources = paths.filter((path) => /\.[mc]?[tj]sx?$/.test(path))
  const lint = sources.length > 0 ? runProgram(ROOT, 'oxlint', ['--type-aware', ...sources]) : undefined
  const format = runProgram(ROOT, 'biome', ['format', '--no-errors-on-unmatched', ...paths])
  const near = findNearTests(needGraph(readHouse()), paths).map(({ path }) => path)
  const choice = pickTests(near, TESTS_S * availableParallelism(), (path) => SLOW_TESTS[path] ?? USUAL_S)
  const tests = choice.run.length > 0 ? runTests(choice.run) : undefined
  const failed = [
    show('format', await format),
    show('lint', await lint),
    show('types', await types),
    show('tests', await tests),
  ].filter((name) => name !== undefined)
  const counts = await tests
  console.log(
    [
      failed.length > 0 ? `FAILED: ${failed.join(', ')}` : 'ok',
      ` in ${((performance.now() - began) / 1000).toFixed(1)} s`,
      `, ${amount(paths.length, 'file')} changed since ${since}`,
      `; ${counts ? `${amount(counts.passed + counts.failed, 'test')} in ${amount(choice.run.length, 'file')}` : 'no tests'}`,
      leftOut(choice),
    ].join(''),
  )
  process.exitCode = failed.length === 0 ? 0 : 1
}

/** Prints what a tool has to say when it failed, and gives its name then. */
function show(name: string, ended: Ended | undefined): string | undefined {
  if (ended === undefined || ended.ok) return undefined
  console.log(`${ended.output}\n`)
  return name
}

interface Tested extends Ended {
  passed: number
  failed: number
}

async function runTests(files: readonly string[]): Promise<Tested> {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-dev-check-'))
  const report = join(folder, 'report.json')
  try {
    const reporters = ['--reporter=dot', '--reporter=json', `--outputFile.json=${report}`]
    const ended = await runProgram(ROOT, 'vitest', ['run', ...reporters, ...files])
    return { ...ended, ...readCounts(report) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** None where vitest did not come so far as to report. */
function readCounts(path: string): { passed: number; failed: number } {
  try {
    return readReport(readFileSync(path, 'utf8'), ROOT)
  } catch {
    return { passed: 0, failed: 0 }
  }
}

function leftOut({ slow, far }: Choice): string {
  const parts = [
    ...(slow.length > 0 ? [`${amount(slow.length, 'slow test file')} (nearest: ${slow[0]})`] : []),
    ...(far.length > 0 ? [`${amount(far.length, 'farther one')}`] : []),
  ]
  return parts.length > 0 ? `; left out for npm test: ${parts.join(', ')}` : ''
}

function amount(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? '' : 's'}`
}
