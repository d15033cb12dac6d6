/** `millrace traffic`: splits the jobs that name no version between versions of a model. Listed in commands.ts. */
import type { TrafficGuard } from '@millrace/client'
import { AT_ONCE, connect, JSON_FLAG, URL_FLAG } from '../../client/connect.ts'
import { showVersions } from '../../client/show-versions.ts'
import { UsageError } from '../../command/command-error.ts'
import type { Command, CommandContext } from '../../command/command.ts'

export const trafficCommand: Command = {
  name: 'traffic',
  about: 'Split the jobs that name no version between versions of a model.',
  args: 'MODEL [VERSION=PERCENT…]',
  details: [
    'What the shares leave of 100 goes to the current version. A version that is not current loses its share by itself when it',
    'fails more often than the others. Without shares, and with --off, nothing is split any more.',
  ],
  example: 'millrace traffic ocr 1.4.0=90 1.5.0=10',
  flags: [
    { name: 'off', type: 'boolean', about: 'End the split.' },
    { name: 'jobs', type: 'string', about: 'So many jobs of a version are waited for before it is compared (50).' },
    {
      name: 'margin',
      type: 'string',
      about: 'By how much its share of failed jobs must be above that of the others (0.1).',
    },
    { name: 'no-guard', type: 'boolean', about: 'Let no version lose its share by itself.' },
    JSON_FLAG,
    URL_FLAG,
  ],
  async run(context) {
    const [model, ...shares] = context.args
    if (model === undefined) throw new UsageError('MODEL is missing')
    if ((context.flags.off === true) === shares.length > 0)
      throw new UsageError('either VERSION=PERCENT or --off is needed')
    const versions = Object.fromEntries(shares.map(shareOf))
    const list = await connect(context).versions.traffic(model, versions, { ...AT_ONCE, guard: guardOf(context) })
    return showVersions(list, { json: context.flags.json === true })
  },
}

function shareOf(text: string): [string, number] {
  const [, version, percent] = /^(.+)=(\d+(?:\.\d+)?)%?$/.exec(text) ?? []
  if (version === undefined) throw new UsageError(`"${text}" is no share; write VERSION=PERCENT, such as 1.5.0=10`)
  return [version, Number(percent)]
}

function guardOf({ flags }: CommandContext): TrafficGuard | null | undefined {
  if (flags['no-guard'] === true) return null
  const guard = { ...numberIn(flags, 'jobs'), ...numberIn(flags, 'margin') }
  return Object.keys(guard).length > 0 ? guard : undefined
}

function numberIn(flags: CommandContext['flags'], name: 'jobs' | 'margin'): TrafficGuard {
  const text = flags[name]
  if (typeof text !== 'string') return {}
  if (!/^\d+(\.\d+)?$/.test(text)) throw new UsageError(`--${name} takes a number, got "${text}"`)
  return { [name]: Number(text) }
}
