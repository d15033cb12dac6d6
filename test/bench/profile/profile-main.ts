/**
 * `npm run bench:profile [-- --quick --rows 1,2,3,4]`: says where the microseconds of a request go, of Millrace and of the bare
 * stack: by process, and in Redis by script and command. `npm run bench -- --explain` says the same beside a missed target.
 */
import { parseBenchOptions } from '../bench-options.ts'
import { FULL, profileRows, QUICK, ROWS } from '../measure-rows.ts'

const profiled = ROWS.filter(({ profile }) => profile !== undefined)
const { quick, rows } = parseBenchOptions(
  process.argv.slice(2),
  profiled.map(({ number }) => number),
)
const chosen = profiled.filter(({ number }) => rows.size === 0 || rows.has(number))
await profileRows(chosen, quick ? QUICK : FULL, (row, profile) => {
  for (const sentence of profile) console.log(`row ${row}: ${sentence}`)
})
