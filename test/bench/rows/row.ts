/** What a row of the table is, and what every row is given. */
import type { LoadGenerator } from '../load/start-load-generator.ts'
import type { Ratio } from '../measure/take-turns.ts'

export interface RowContext {
  generator: LoadGenerator
  /** Measured rounds per variant, beside one that is thrown away. */
  rounds: number
  /** Length of one round under load. Milliseconds. */
  roundMs: number
  /** Jobs in one round of single jobs. */
  singleJobs: number
  /** The longest line of waiting jobs. */
  depth: number
  /** Of each operation in one round on a line of jobs. */
  operations: number
}

export interface RowResult {
  /** Number in the table of measures, with a letter where a row has parts. */
  row: string
  what: string
  millrace: string
  bare: string
  /** Absent where the target is no ratio. */
  ratio?: Ratio
  target: string
  met: Verdict
  /** CPU per request or job, and whatever else helps to read the row. */
  notes: string[]
}

export interface Row {
  number: number
  run(context: RowContext): Promise<RowResult[]>
  /** Where the time of one of its requests goes, in sentences. Absent where nothing is under load. */
  profile?(context: RowContext): Promise<string[]>
}

/** `unclear`: the rounds do not agree, the machine was too busy to tell. */
export type Verdict = 'yes' | 'no' | 'unclear' | 'not measured'

/** Met, or not, by every single round. */
export function verdictOf({ lowest, highest }: Ratio, isMet: (ratio: number) => boolean): Verdict {
  if (isMet(lowest) !== isMet(highest)) return 'unclear'
  return isMet(lowest) ? 'yes' : 'no'
}

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })
export const perSecond = (value: number): string => `${whole.format(value)}/s`
export const milliseconds = (value: number): string => `${value.toFixed(2)} ms`
export const microseconds = (value: number): string => `${whole.format(value)} µs`
