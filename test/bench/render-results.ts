/** The table, for the terminal and for RESULTS.md alike. */
import type { RowResult } from './rows/row.ts'

export interface Results {
  machine: [string, string][]
  rows: RowResult[]
  /** Short rounds: good for a look, not for a claim. */
  quick: boolean
  rounds: number
}

/** Text between these marks is written by hand and kept. */
export const NOTES_MARK = '<!-- notes: written by hand, kept by the bench -->'

const LOOK = 'short rounds: only a look'

/** Whether an earlier file was written by a quick run. */
export const isLook = (text: string): boolean => text.includes(LOOK)

export function renderResults({ machine, rows, quick, rounds }: Results, notes = ''): string {
  const facts = machine.map(([name, value]) => `- ${name}: ${value}`)
  const method = `Medians of ${rounds} interleaved rounds, the first thrown away${quick ? `; **${LOOK}**` : ''}.`
  return [
    '# Measured by `npm run bench`',
    '',
    `${method} A ratio is the median of those of each round, with the
lowest and the highest; a target is met when every round meets it.`,
    '',
    ...facts,
    '',
    ...renderTable(rows),
    '',
    ...rows.flatMap(({ row, notes: own }) => own.map((note) => `- Row ${row}: ${note}`)),
    '',
    NOTES_MARK,
    notes.trim(),
    '',
  ].join('\n')
}

export function renderTable(rows: readonly RowResult[]): string[] {
  const lines = rows.map(({ row, what, millrace, bare, ratio, target, met }) => {
    const shown = ratio ? `${ratio.median.toFixed(2)} (${ratio.lowest.toFixed(2)}–${ratio.highest.toFixed(2)})` : ''
    return `| ${[row, what, millrace, bare, shown, target, met].join(' | ')} |`
  })
  return ['| # | row | Millrace | bare | ratio | target | met |', '|---|---|---|---|---|---|---|', ...lines]
}

/** What was written by hand below the mark of an earlier file. */
export const notesOf = (text: string): string => text.split(NOTES_MARK)[1] ?? ''
