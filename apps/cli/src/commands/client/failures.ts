/** `millrace failures`: failed jobs, by how and where they failed. */
import type { FailureGroup, FailurePlace } from '@millrace/contracts'
import { terminalJson } from '@millrace/process'
import { AT_ONCE, connect, JSON_FLAG, URL_FLAG } from '../../client/connect.ts'
import { FILTER_FLAGS, readFilter } from '../../client/filter-flags.ts'
import type { Command } from '../../command/command.ts'
import { UsageError } from '../../command/command-error.ts'
import { EXIT } from '../../command/exit-codes.ts'
import { formatSeconds, table } from '../../terminal/format.ts'
import { firstLine, plainText } from '../../terminal/plain-text.ts'

export const failuresCommand: Command = {
  name: 'failures',
  about: 'Show failed jobs by how they failed: same model, version, code and message but for numbers and ids.',
  details: ['`millrace jobs --failure <id>` lists the jobs of a group.'],
  example: 'millrace failures --model ocr --since 1d',
  flags: [
    ...FILTER_FLAGS,
    { name: 'places', type: 'boolean', about: 'By the worker and device where they failed instead.' },
    { ...JSON_FLAG, about: 'Print JSON and nothing else.' },
    URL_FLAG,
  ],
  async run(context) {
    const { flags, args } = context
    if (args.length > 0) throw new UsageError('`millrace failures` takes flags only')
    const { status: _, ...filter } = readFilter(flags)
    const found = await connect(context).failures(filter, AT_ONCE)
    if (flags.json === true) {
      console.log(terminalJson(found, 2))
      return EXIT.done
    }
    const rows = flags.places === true ? found.places.map(rowOfPlace) : found.data.map(rowOfGroup)
    const head = flags.places === true ? PLACE_HEAD : GROUP_HEAD
    console.log(rows.length === 0 ? 'There are no such failures.' : table([head, ...rows]))
    if (found.searched_to !== null)
      console.log(`The newest ${found.searched} failed jobs were looked at, back to ${found.searched_to}.`)
    return EXIT.done
  },
}

const GROUP_HEAD = ['ID', 'COUNT', 'LAST', 'MODEL', 'VERSION', 'CODE', 'MESSAGE']
const PLACE_HEAD = ['WORKER', 'DEVICE', 'COUNT', 'LAST', 'KINDS']

const ago = (at: string): string => formatSeconds(Math.max(0, (Date.now() - Date.parse(at)) / 1000))

const rowOfGroup = ({ id, count, last_at, model, version, code, message }: FailureGroup): string[] => [
  ...[id, String(count), ago(last_at), model, plainText(version), code, firstLine(message)],
]

const rowOfPlace = ({ worker, device, count, last_at, failures }: FailurePlace): string[] => [
  ...[plainText(worker ?? '-'), plainText(device ?? '-'), String(count), ago(last_at), String(failures.length)],
]
