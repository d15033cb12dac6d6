/** What can be asked of `npm run bench` and of `npm run bench:profile`. */
import { parseArgs } from 'node:util'

/** The short line that longer ones are compared with. */
export const LEAST_DEPTH = 1000

export interface BenchOptions {
  /** Short rounds: shows that everything runs, and roughly where it stands. */
  quick: boolean
  /** Numbers of the rows to measure; empty means all. */
  rows: ReadonlySet<number>
  /** Jobs in the longest line, in place of the pace's own. */
  depth?: number
  /** Says beside each missed target where the time goes. */
  explain: boolean
}

const OPTIONS = {
  quick: { type: 'boolean' },
  rows: { type: 'string' },
  depth: { type: 'string' },
  explain: { type: 'boolean' },
} as const

/** Throws TypeError for an option that there is not, and RangeError for a row or a depth that can't be measured. */
export function parseBenchOptions(args: string[], known: readonly number[]): BenchOptions {
  const { values } = parseArgs({ args, options: OPTIONS })
  const rows = (values.rows ?? '').split(',').filter((text) => text !== '')
  const unknown = rows.find((text) => !known.includes(Number(text)))
  if (unknown !== undefined) throw new RangeError(`there is no row ${unknown}; there are ${known.join(', ')}`)
  const { quick = false, explain = false } = values
  const options = { quick, explain, rows: new Set(rows.map(Number)) }
  return values.depth === undefined ? options : { ...options, depth: parseDepth(values.depth) }
}

function parseDepth(text: string): number {
  const depth = Number(text)
  if (Number.isInteger(depth) && depth > LEAST_DEPTH) return depth
  throw new RangeError(`${text} is no depth; give a whole number above ${LEAST_DEPTH}`)
}
