/** What was used, as CSV (RFC 4180): a line of names and a line for each row. Called by usage-routes.ts. */
import { type Usage, usageSumsSchema } from '@millrace/contracts'

const SUMS = usageSumsSchema.keyof().options

export const CSV_TYPE = 'text/csv'

export function usageCsv({ by, data }: Usage): string {
  const names = [...by, ...SUMS]
  return [names, ...data.map((row) => names.map((name) => row[name]))].map(csvLine).join('')
}

export const csvLine = (cells: readonly (string | number | null | undefined)[]): string =>
  `${cells.map(cell).join(',')}\r\n`

/** A text that a spreadsheet would take for a formula is shown as text. */
function cell(value: string | number | null | undefined): string {
  if (typeof value === 'number') return String(value)
  const text = (value ?? '').replace(/^(?=[=+\-@\t\r])/, "'")
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
