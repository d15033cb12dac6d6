/** `millrace actions`: cancels, retries or purges all jobs that match, after they were counted, and shows how far such actions are. */
import type { Client } from '@millrace/client'
import { isEmptyFilter, type JobAction, type JobActionKind } from '@millrace/contracts'
import { agreed } from '../../client/agreed.ts'
import { AT_ONCE, JSON_FLAG, URL_FLAG } from '../../client/connect.ts'
import { FILTER_FLAGS, readFilter, STATUS_FLAG } from '../../client/filter-flags.ts'
import { only, runVerb, type Said, type Verb } from '../../client/run-verb.ts'
import type { Command } from '../../command/command.ts'
import { UsageError } from '../../command/command-error.ts'
import { EXIT } from '../../command/exit-codes.ts'
import { numberFlag } from '../../command/read-flags.ts'
import { table } from '../../terminal/format.ts'

const LIMIT = 20
/** More than these are done only after somebody has typed how many they are. */
const MOST_UNASKED = 100
const LOOK_MS = 500

const VERBS: Record<string, Verb> = {
  async list(client, _args, flags) {
    const found: JobAction[] = []
    const limit = numberFlag(flags, 'limit', { whole: true }) ?? LIMIT
    for await (const action of client.jobActions.list({ ...AT_ONCE, limit })) found.push(action)
    const rows = [['ID', 'ACTION', 'STATUS', 'MATCHED', 'DONE', 'SKIPPED', 'BEGUN'], ...found.map(rowOf)]
    return { value: found, lines: found.length === 0 ? ['There is no such action.'] : [table(rows)] }
  },
  async show(client, args) {
    const action = await client.jobActions.get(only(args, 'ID'), AT_ONCE)
    return { value: action, lines: [sentenceOf(action)] }
  },
  async stop(client, args) {
    const action = await client.jobActions.cancel(only(args, 'ID'), AT_ONCE)
    return { value: action, lines: [sentenceOf(action)] }
  },
  cancel: (client, args, flags) => act(client, 'cancel', args, flags),
  retry: (client, args, flags) => act(client, 'retry', args, flags),
  purge: (client, args, flags) => act(client, 'purge', args, flags),
}

export const actionsCommand: Command = {
  name: 'actions',
  about: 'Cancel, retry or purge all jobs that match; list such actions, show one, or stop one.',
  args: '[cancel | retry | purge | list | show ID | stop ID]',
  details: [
    'Jobs are counted first. Of more than 100 the number is to be typed, and so it is for any that are to be purged; --yes does not ask.',
    'Nothing is done if more or fewer jobs match by then. Jobs that are submitted later are not touched. Ctrl-C leaves; it goes on in the server.',
  ],
  example: 'millrace actions retry --model ocr --status failed --code timeout --since 1h',
  flags: [
    STATUS_FLAG,
    ...FILTER_FLAGS,
    { name: 'dry-run', type: 'boolean', about: 'Only count.' },
    { name: 'yes', type: 'boolean', about: 'Do not ask.' },
    { name: 'no-wait', type: 'boolean', about: 'Leave when it has begun; it goes on in the server.' },
    { name: 'limit', type: 'string', about: `list: how many at most; default ${LIMIT}.` },
    JSON_FLAG,
    URL_FLAG,
  ],
  run: (context) => runVerb('actions', VERBS, context),
}

async function act(
  client: Client,
  action: JobActionKind,
  args: string[],
  flags: Record<string, unknown>,
): Promise<Said> {
  const filter = readFilter(flags)
  if (args.length > 0) throw new UsageError(`\`millrace actions ${action}\` takes flags only`)
  if (isEmptyFilter(filter)) throw new UsageError('at least one condition is needed, such as --model or --status')
  const { jobActions } = client
  const counted = await ended(client, await jobActions.count({ action, filter }, AT_ONCE))
  const count = counted.matched ?? 0
  if (flags['dry-run'] === true) return { value: counted, lines: [`${jobs(count)} would have a turn.`] }
  const isAsked = flags.yes !== true && (count > MOST_UNASKED || (action === 'purge' && count > 0))
  if (isAsked && !(await agreed(String(count), `${action} so many jobs`)))
    return { value: counted, lines: ['Nothing was done.'], code: EXIT.failed }
  const begun = await jobActions.begin({ action, filter, expect_count: count }, AT_ONCE)
  const last = flags['no-wait'] === true ? begun : await ended(client, begun)
  return { value: last, lines: [sentenceOf(last)], code: last.status === 'refused' ? EXIT.failed : EXIT.done }
}

async function ended({ jobActions }: Client, begun: JobAction): Promise<JobAction> {
  let last = begun
  while (last.finished_at === null) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
    last = await jobActions.get(begun.id)
  }
  return last
}

const jobs = (count: number): string => `${count} ${count === 1 ? 'job' : 'jobs'}`

const DONE = { cancel: 'canceled', retry: 'put back', purge: 'purged' } as const

function sentenceOf(one: JobAction): string {
  const { id, action, status, matched, done, stopping, failed } = one
  if (status === 'refused') return `${matched} match now, ${one.expect_count} were expected: nothing was done.`
  if (one.dry_run) return status === 'done' ? `${jobs(matched ?? 0)} match.` : `It counts, as ${id}.`
  const skips = Object.entries(one.skipped_by).map(([reason, count]) => `${count} left (${reason})`)
  const told = stopping > 0 ? [`${stopping} of these told to stop`] : []
  const broken = failed > 0 ? [`${failed} could not be read`] : []
  const so = [`${jobs(done)} ${DONE[action]}`, ...told, ...skips, ...broken].join(', ')
  if (status === 'done') return `${so}.`
  return status === 'canceled' ? `${so}; it was stopped.` : `${so} so far; it goes on as ${id}.`
}

function rowOf({ id, action, dry_run, status, matched, done, skipped, created_at }: JobAction): string[] {
  const what = dry_run ? `${action} (count)` : action
  return [id, what, status, matched === null ? '' : String(matched), String(done), String(skipped), created_at]
}
