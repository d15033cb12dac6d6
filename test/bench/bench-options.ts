/** What can be asked of `npm run bench`. */
import { parseArgs } from 'node:util'

export interface BenchOptions {
  /** Short rounds: shows that everything runs, and roughly where it stands. */
  quick: boolean
  /** Numbers of the rows to measure; empty means all. */
  rows: ReadonlySet<number>
}

/** Throws TypeError for an option that there is not, and RangeError for a row that there is not. */
export function parseBenchOptions(args: string[], known: readonly number[]): BenchOptions {
  const { values } = parseArgs({ args, options: { quick: { type: 'boolean' }, rows: { type: 'string' } } })
  const rows = (values.rows ?? '').split(',').filter((text) => text !== '')
  const unknown = rows.find((text) => !known.includes(Number(text)))
  if (unknown !== undefined) throw new RangeError(`there is no row ${unknown}; there are ${known.join(', ')}`)
  return { quick: values.quick ?? false, rows: new Set(rows.map(Number)) }
}
