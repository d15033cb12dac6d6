/**
 * `npm run bench [-- --quick --rows 1,3 --depth 100000 --explain]`: prints the table of measures, each against a bare reference in the same run. A
 * run of all rows also writes RESULTS.md, a quick one only in the place of another quick one. `--explain` says beside a missed target where the time goes. Takes about a quarter of
 * an hour; `--quick` four minutes.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseBenchOptions } from './bench-options.ts'
import { makeVirtualEnvironment, pythonVersions } from './peers/make-virtual-environment.ts'
import { describeMachine } from './describe-machine.ts'
import { FULL, measureRows, QUICK, ROWS } from './measure-rows.ts'
import type { RowResult } from './rows/row.ts'
import { CELERY } from './peers/queue-peers.ts'
import { isLook, notesOf, renderResults, renderTable } from './render-results.ts'

const FILE = fileURLToPath(new URL('./RESULTS.md', import.meta.url))

const { quick, rows, depth, explain } = parseBenchOptions(
  process.argv.slice(2),
  ROWS.map(({ number }) => number),
)
const chosen = ROWS.filter(({ number }) => rows.size === 0 || rows.has(number))
const usual = quick ? QUICK : FULL
const pace = { ...usual, depth: depth ?? usual.depth }
const onRow = (found: RowResult[]): void => {
  for (const line of renderTable(found).slice(2)) console.log(line)
  for (const { row, notes } of found) for (const note of notes) console.log(`  row ${row}: ${note}`)
}
const results = await measureRows(chosen, pace, { onRow, explain })
const hasPython = results.some(({ row, met }) => row.startsWith('5') && met !== 'not measured')
const python = hasPython ? await pythonVersions(await makeVirtualEnvironment(CELERY.packages)) : {}
const before = existsSync(FILE) ? readFileSync(FILE, 'utf8') : ''
const text = renderResults(
  { machine: describeMachine(python), rows: results, quick, rounds: pace.rounds },
  notesOf(before),
)
console.log(`\n${text}`)
const mayWrite = !quick || before === '' || isLook(before)
if (rows.size === 0 && mayWrite) writeFileSync(FILE, text)
