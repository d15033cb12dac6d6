/** `millrace stats`: what happened to the jobs of a model in each part of the last day. */
import type { ModelStats, StatsRow, StatsSpread } from '@millrace/contracts'
import { terminalJson } from '@millrace/process'
import { AT_ONCE, connect, JSON_FLAG, onlyArg, URL_FLAG } from '../../client/connect.ts'
import type { Command } from '../../command/command.ts'
import { EXIT } from '../../command/exit-codes.ts'
import { durationFlag } from '../../command/read-flags.ts'
import { formatSeconds, table } from '../../terminal/format.ts'

const HOUR = 3600

export const statsCommand: Command = {
  name: 'stats',
  about: 'Tell what happened to the jobs of a model, part by part of the last day. For administrators.',
  args: 'MODEL',
  example: 'millrace stats ocr --since 6h --every 10m',
  flags: [
    { name: 'since', type: 'string', about: 'How far back, at most 1d; default: 1h.' },
    { name: 'every', type: 'string', about: 'How long a part is, in whole minutes; default: 5m.' },
    JSON_FLAG,
    URL_FLAG,
  ],
  async run(context) {
    const model = onlyArg(context, 'MODEL')
    const [since = HOUR, every = 300] = ['since', 'every'].map((name) => durationFlag(context.flags, name))
    const asked = {
      since: new Date(Date.now() - since * 1000).toISOString(),
      every: Math.max(1, Math.round(every / 60)),
    }
    const stats = await connect(context).stats(model, { ...AT_ONCE, ...asked })
    console.log(context.flags.json === true ? terminalJson(stats, 2) : statsTable(stats))
    return EXIT.done
  },
}

/** A row for each part in which something happened, and their sum. */
export function statsTable({ data, total, since, model }: ModelStats): string {
  if (data.length === 0) return `Nothing happened to jobs of ${model} since ${since}.`
  return table([HEAD, ...data.map((row) => [row.at.slice(0, 16), ...figuresOf(row)]), ['total', ...figuresOf(total)]])
}

const HEAD = [
  ...['FROM (UTC)', 'SUBMITTED', 'RERUN', 'SUCCEEDED', 'FAILED', 'CANCELED'],
  ...['WAIT P50', 'WAIT P95', 'RUN P50', 'RUN P95'],
]

const figuresOf = (row: Omit<StatsRow, 'at'>): string[] => [
  ...[row.submitted, row.reran, row.succeeded, row.failed, row.canceled].map(String),
  ...timesOf(row.wait),
  ...timesOf(row.run),
]

const timesOf = (spread: StatsSpread | null): string[] =>
  spread === null ? ['-', '-'] : [formatSeconds(spread.p50), formatSeconds(spread.p95)]
