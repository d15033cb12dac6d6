/**
 * Row 10: what the length of the line changes, with a thousand tenants: what Redis pays for an operation on a long line and on
 * a short one, and what it keeps of a job that waits and of one that has ended.
 */
import { LEAST_DEPTH as SHORT } from '../../bench-options.ts'
import type { Ratio } from '../../measure/take-turns.ts'
import { microseconds, type Row, type RowResult, verdictOf } from '../row.ts'
import { DEPTH_OPERATIONS, type DepthOperation } from './depth-operations.ts'
import { finishedBytes } from './finished-bytes.ts'
import { INPUT, TENANTS } from './job-line.ts'
import { type AtDepth, DEEP, measureDepth, SHALLOW } from './measure-depth.ts'

const MOST_RATIO = 1.2
const MOST_WAITING_KILOBYTES = 2
const MOST_FINISHED_KILOBYTES = 2.5
/** Jobs that end, for each operation of a round: enough that what a table grows by at once does not matter. */
const FINISHED = 25

export const depthRow: Row = {
  number: 10,
  async run({ rounds, depth, operations }) {
    const { depths, stopped } = await measureDepth({ depth, rounds, operations })
    const finished = await finishedBytes(FINISHED * operations)
    const results = [
      ...DEPTH_OPERATIONS.map((operation, i) => rowOf(operation, letter(i), depths)),
      waitingRow(letter(DEPTH_OPERATIONS.length), depths),
      finishedRow(letter(DEPTH_OPERATIONS.length + 1), finished),
    ]
    if (stopped !== undefined) results[0]?.notes.push(`Stopped there: ${stopped}, more than half of what is free.`)
    return results
  },
}

const letter = (place: number): string => `10${'abcdefghij'[place]}`
const count = new Intl.NumberFormat('en')

function rowOf({ name, what }: DepthOperation, row: string, depths: readonly AtDepth[]): RowResult {
  const { depth, measured } = depths.at(-1) as AtDepth
  const ratio = measured.ratio(DEEP, SHALLOW, `${name}Us`)
  const shown = depths.map((at) => {
    const [cpu, passed] = [`${name}Us`, `${name}PassedUs`].map((figure) => at.measured.ratio(DEEP, SHALLOW, figure))
    return `${count.format(at.depth)}: ${inWords(cpu)}, in time that passed ${inWords(passed)}`
  })
  return {
    row,
    what: `CPU of Redis per ${what}, ${count.format(depth)} waiting, ${TENANTS} tenants; bare is the same at ${SHORT}`,
    millrace: microseconds(measured.median(DEEP, `${name}Us`)),
    bare: microseconds(measured.median(SHALLOW, `${name}Us`)),
    ratio,
    target: `≤ ${MOST_RATIO}`,
    met: verdictOf(ratio, (value) => value <= MOST_RATIO),
    notes: [`Ratio by depth: ${shown.join('; ')}.`],
  }
}

const inWords = (ratio?: Ratio): string => ratio?.median.toFixed(2) ?? '–'

function waitingRow(row: string, depths: readonly AtDepth[]): RowResult {
  const beside = (bytes: number): number => (bytes - INPUT.length) / 1024
  const kilobytes = beside((depths.at(-1) as AtDepth).bytes)
  const shown = depths.map(({ depth, bytes }) => `${count.format(depth)}: ${beside(bytes).toFixed(2)} KB`)
  return {
    row,
    what: 'Memory of Redis per waiting job, beside its input of 1 KB',
    millrace: `${kilobytes.toFixed(2)} KB`,
    bare: '',
    target: `≤ ${MOST_WAITING_KILOBYTES} KB`,
    met: kilobytes <= MOST_WAITING_KILOBYTES ? 'yes' : 'no',
    notes: [`By depth: ${shown.join('; ')}.`],
  }
}

function finishedRow(row: string, bytes: number): RowResult {
  const kilobytes = (bytes - 2 * INPUT.length) / 1024
  return {
    row,
    what: 'Memory of Redis per finished job, beside its input and its output of 1 KB',
    millrace: `${kilobytes.toFixed(2)} KB`,
    bare: '',
    target: `≤ ${MOST_FINISHED_KILOBYTES} KB`,
    met: kilobytes <= MOST_FINISHED_KILOBYTES ? 'yes' : 'no',
    notes: [`${(bytes / 1024).toFixed(2)} KB with both.`],
  }
}
