/** `millrace usage`: what was used, by day, model and key. Listed in commands.ts. */
import { type Usage, USAGE_GROUPS, type UsageGroup, type UsageSums } from '@millrace/contracts'
import { terminalJson } from '@millrace/process'
import { AT_ONCE, connect, JSON_FLAG, URL_FLAG } from '../../client/connect.ts'
import { UsageError } from '../../command/command-error.ts'
import type { Command } from '../../command/command.ts'
import { EXIT } from '../../command/exit-codes.ts'
import { textFlag, wordsFlag } from '../../command/read-flags.ts'
import { formatBytes, table } from '../../terminal/format.ts'

export const usageCommand: Command = {
  name: 'usage',
  about: 'Tell what was used: jobs by how they ended, seconds and bytes.',
  args: '',
  details: ['', 'Days are those of UTC; what was used is known for 90 days.'],
  example: 'millrace usage --by day,model --from 2026-11-01 --csv',
  flags: [
    { name: 'from', type: 'string', about: 'First day, such as 2026-11-01; default: 29 days before the last.' },
    { name: 'to', type: 'string', about: 'Last day; default: today.' },
    { name: 'by', type: 'string', about: `Any of ${USAGE_GROUPS.join(', ')}, with commas between; default: model.` },
    { name: 'model', type: 'string', about: 'Only of this model.' },
    { name: 'tenant', type: 'string', about: 'Of another tenant; for administrators. All: --by tenant.' },
    { name: 'csv', type: 'boolean', about: 'Print CSV and nothing else.' },
    JSON_FLAG,
    URL_FLAG,
  ],
  async run(context) {
    const { args, flags } = context
    if (args.length > 0) throw new UsageError('`millrace usage` takes flags only')
    const [from, to, model, tenant] = ['from', 'to', 'model', 'tenant'].map((name) => textFlag(flags, name))
    const asked = {
      ...AT_ONCE,
      from,
      to,
      model,
      tenant,
      by: wordsFlag(flags, 'by', USAGE_GROUPS) ?? ['model' as const],
    }
    const calls = connect(context).usage
    if (flags.csv === true) process.stdout.write(await calls.csv(asked))
    else {
      const usage = await calls.get(asked)
      console.log(flags.json === true ? terminalJson(usage, 2) : usageTable(usage))
    }
    return EXIT.done
  },
}

const HEADINGS = [
  'SUBMITTED',
  'SUCCEEDED',
  'FAILED',
  'EXPIRED',
  'CANCELED',
  'QUEUE S',
  'RUN S',
  'DEVICE S',
  'IN',
  'OUT',
]

/** A table with a last line for the sum. */
export function usageTable({ from, to, by, data, total }: Usage): string {
  const when = from === to ? from : `${from} to ${to}`
  if (data.length === 0) return `Nothing was used (${when}).`
  const names = (row: Partial<Record<UsageGroup, string | null>>): string[] => by.map((group) => row[group] ?? '-')
  const sum = by.length > 0 ? [['total', ...by.slice(1).map(() => ''), ...sumCells(total)]] : []
  const heading = [...by.map((group) => group.toUpperCase()), ...HEADINGS]
  return [when, table([heading, ...data.map((row) => [...names(row), ...sumCells(row)]), ...sum])].join('\n')
}

const sumCells = (row: UsageSums): string[] => [
  ...[row.submitted, row.succeeded, row.failed, row.expired, row.canceled].map(String),
  ...[row.queue_seconds, row.run_seconds, row.device_seconds].map((seconds) => seconds.toFixed(1)),
  ...[row.bytes_in, row.bytes_out].map(formatBytes),
]
