/** `millrace erase`: erases what a tenant has, after it was counted and somebody has said yes. Needs a key with the scope admin. */
import type { Erasure, ErasureCounts } from '@millrace/contracts'
import { terminalJson } from '@millrace/process'
import { agreed } from '../../client/agreed.ts'
import { AT_ONCE, connect, JSON_FLAG, URL_FLAG } from '../../client/connect.ts'
import { untilEnded } from '../../client/until-ended.ts'
import type { Command } from '../../command/command.ts'
import { UsageError } from '../../command/command-error.ts'
import { EXIT } from '../../command/exit-codes.ts'
import { pairsFlag, textFlag } from '../../command/read-flags.ts'

export const eraseCommand: Command = {
  name: 'erase',
  about: 'Erase all that a tenant has, or its jobs with some metadata; counts first, and asks.',
  details: [
    'Jobs with inputs, outputs, logs and events, files, webhook deliveries and endpoints, keys, settings and usage.',
    'With --metadata only jobs that have it, with their files, deliveries and events. It cannot be undone.',
  ],
  example: 'millrace erase --tenant acme --metadata customer=4711',
  flags: [
    { name: 'tenant', type: 'string', about: 'Whose.' },
    { name: 'metadata', type: 'string', multiple: true, about: 'Only jobs with name=value in their metadata.' },
    { name: 'dry-run', type: 'boolean', about: 'Only count.' },
    { name: 'yes', type: 'boolean', about: 'Do not ask.' },
    JSON_FLAG,
    URL_FLAG,
  ],
  async run(context) {
    const { flags, args } = context
    const tenant = textFlag(flags, 'tenant')
    if (args.length > 0 || tenant === undefined) throw new UsageError('--tenant is needed, and no argument')
    const what = { tenant, metadata: pairsFlag(flags, 'metadata') }
    const { erasures } = connect(context)
    const done = (begun: Erasure) => untilEnded(begun, () => erasures.get(begun.id))
    const counted = await done(await erasures.count(what, AT_ONCE))
    const isJson = flags.json === true
    if (flags['dry-run'] === true) {
      console.log(isJson ? terminalJson(counted, 2) : `${sentenceOf(counted.counts)} would be erased.`)
      return EXIT.done
    }
    if (!isJson) console.log(`${sentenceOf(counted.counts)} will be erased.`)
    if (flags.yes !== true && !(await agreed(tenant, 'erase that'))) {
      console.error('Nothing was erased.')
      return EXIT.failed
    }
    const last = await done(await erasures.begin({ ...what, counted: counted.id }))
    console.log(isJson ? terminalJson(last, 2) : `${sentenceOf(last.counts)} were erased. The report is ${last.id}.`)
    return EXIT.done
  },
}

/** For one, and for several. */
const NAMES: Record<keyof ErasureCounts, readonly [string, string]> = {
  jobs: ['job', 'jobs'],
  deliveries: ['webhook delivery', 'webhook deliveries'],
  files: ['uploaded file', 'uploaded files'],
  blobs: ['content of a file', 'contents of files'],
  keys: ['key', 'keys'],
  endpoints: ['webhook endpoint', 'webhook endpoints'],
  usage: ['day of usage', 'days of usage'],
}

function sentenceOf(counts: ErasureCounts): string {
  const named = (Object.keys(NAMES) as (keyof ErasureCounts)[])
    .filter((name) => name === 'jobs' || counts[name] > 0)
    .map((name) => `${counts[name]} ${NAMES[name][counts[name] === 1 ? 0 : 1]}`)
  return named.length === 1 ? `${named[0]}` : `${named.slice(0, -1).join(', ')} and ${named.at(-1)}`
}
