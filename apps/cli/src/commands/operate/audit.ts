/** `millrace audit`: who did what. Needs a key with the scope admin, such as MILLRACE_API_KEY. */
import { AUDIT_ACTIONS, type AuditAction, type AuditEntry } from '@millrace/contracts'
import { terminalJson } from '@millrace/process'
import { AT_ONCE, connect, JSON_FLAG, URL_FLAG } from '../../client/connect.ts'
import type { Command } from '../../command/command.ts'
import { UsageError } from '../../command/command-error.ts'
import { EXIT } from '../../command/exit-codes.ts'
import { durationFlag, numberFlag, textFlag, wordFlag } from '../../command/read-flags.ts'
import { table } from '../../terminal/format.ts'
import { plainText } from '../../terminal/plain-text.ts'

const LIMIT = 50
/** What --follow begins with, when --since does not say. Seconds. */
const FOLLOW_SECONDS = 600
const ACTIONS = Object.keys(AUDIT_ACTIONS) as AuditAction[]
const HEAD = ['TIME', 'WHO', 'FROM', 'ACTION', 'TENANT', 'ABOUT', 'OUTCOME']

export const auditCommand: Command = {
  name: 'audit',
  about: 'Show who did what: changes of keys, models, workers and webhooks, and what was done to many jobs at once.',
  details: ['Newest first; with --follow oldest first, and on with what comes, until it is stopped.'],
  example: 'millrace audit --tenant acme --since 7d',
  flags: [
    { name: 'follow', type: 'boolean', about: 'Show the last ten minutes, and then each entry that comes.' },
    { name: 'tenant', type: 'string', about: 'Only what this tenant did, or what was done with its things.' },
    { name: 'action', type: 'string', about: 'Only this action, such as key.create.' },
    { name: 'key', type: 'string', about: 'Only what was done with the key of this id.' },
    { name: 'since', type: 'string', about: 'Only what was written in this time, such as 7d or 12h.' },
    { name: 'limit', type: 'string', about: `How many at most; default ${LIMIT}.` },
    { ...JSON_FLAG, about: 'Print JSON and nothing else; with --follow one entry on each line.' },
    URL_FLAG,
  ],
  async run(context) {
    const { flags, args } = context
    if (args.length > 0) throw new UsageError('`millrace audit` takes flags only')
    const isFollowed = flags.follow === true
    const seconds = durationFlag(flags, 'since') ?? (isFollowed ? FOLLOW_SECONDS : undefined)
    const filter = {
      ...{ tenant: textFlag(flags, 'tenant'), key: textFlag(flags, 'key') },
      ...{ action: wordFlag(flags, 'action', ACTIONS) },
      since: seconds === undefined ? undefined : new Date(Date.now() - seconds * 1000),
    }
    const client = connect(context)
    if (isFollowed) {
      for await (const entry of client.audit.follow(filter)) {
        console.log(flags.json === true ? terminalJson(entry) : rowOf(entry).join('  '))
      }
      return EXIT.done
    }
    const limit = numberFlag(flags, 'limit', { whole: true }) ?? LIMIT
    const found: AuditEntry[] = []
    for await (const entry of client.audit.list({ ...AT_ONCE, ...filter, limit })) found.push(entry)
    if (flags.json === true) console.log(terminalJson(found, 2))
    else console.log(found.length === 0 ? 'Nothing was written down.' : table([HEAD, ...found.map(rowOf)]))
    return EXIT.done
  },
}

function rowOf({ at, by, action, tenant, subject, outcome, code }: AuditEntry): string[] {
  const who = by === null ? 'millrace' : `${by.tenant}/${by.key ?? 'root'}`
  const how = code === null ? outcome : `${outcome} (${code})`
  return [
    ...[at.slice(0, 19).replace('T', ' '), who, by?.address ?? '-', action, tenant ?? '-'],
    ...[plainText(subject ?? '-'), how],
  ]
}
