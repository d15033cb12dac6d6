/** `millrace batches`: submits the lines of a file as jobs, shows how far such batches are, and their results. */
import { type Client, fileAt } from '@millrace/client'
import type { Batch } from '@millrace/contracts'
import { AT_ONCE, JSON_FLAG, URL_FLAG } from '../../client/connect.ts'
import { only, runVerb, type Said, type Verb } from '../../client/run-verb.ts'
import type { Command } from '../../command/command.ts'
import { EXIT } from '../../command/exit-codes.ts'
import { numberFlag, textFlag } from '../../command/read-flags.ts'
import { assertReadable } from '../../input/read-input.ts'
import { table } from '../../terminal/format.ts'

const LIMIT = 20

const VERBS: Record<string, Verb> = {
  async submit(client, args, flags) {
    const path = only(args, 'FILE')
    assertReadable(path)
    const { id: file } = await client.files.upload(fileAt(path))
    const [model, webhook] = [textFlag(flags, 'model'), textFlag(flags, 'webhook')]
    const expires_in = numberFlag(flags, 'expires-in')
    const begun = await client.batches.create({
      file,
      ...(model !== undefined && { model }),
      ...(webhook !== undefined && { webhook }),
      ...(expires_in !== undefined && { expires_in }),
    })
    return said(client, begun, flags)
  },
  async list(client, _args, flags) {
    const found: Batch[] = []
    const limit = numberFlag(flags, 'limit', { whole: true }) ?? LIMIT
    for await (const batch of client.batches.list({ ...AT_ONCE, limit })) found.push(batch)
    const rows = [['ID', 'STATUS', 'ROWS', 'SUCCEEDED', 'FAILED', 'REFUSED', 'BEGUN'], ...found.map(rowOf)]
    return { value: found, lines: found.length === 0 ? ['There is no batch.'] : [table(rows)] }
  },
  async show(client, args) {
    const batch = await client.batches.get(only(args, 'ID'), AT_ONCE)
    return { value: batch, lines: linesOf(batch) }
  },
  wait: async (client, args) => endOf(await client.batches.wait(only(args, 'ID'))),
  async results(client, args) {
    const batch = await client.batches.get(only(args, 'ID'), AT_ONCE)
    const results: unknown[] = []
    for await (const result of client.batches.results(batch)) results.push(result)
    return { value: results, lines: results.map((result) => JSON.stringify(result)) }
  },
  async cancel(client, args) {
    const batch = await client.batches.cancel(only(args, 'ID'), AT_ONCE)
    return { value: batch, lines: linesOf(batch) }
  },
  retry: async (client, args, flags) => said(client, await client.batches.retry(only(args, 'ID'), AT_ONCE), flags),
}

export const batchesCommand: Command = {
  name: 'batches',
  about: 'Submit the lines of a file as jobs; list such batches, show one, its results, cancel it, retry what failed.',
  args: '[submit FILE | list | show ID | wait ID | results ID | cancel ID | retry ID]',
  details: [
    'Each line of FILE is JSON: {"input": {...}}, and where it is wanted custom_id, model, idempotency_key and whatever a submit takes.',
    'submit and retry wait for the end unless --no-wait is given; Ctrl-C leaves, and it goes on in the server.',
    'results prints one line of JSON for each row, in their order.',
  ],
  example: 'millrace batches submit rows.jsonl --model ocr',
  flags: [
    { name: 'model', type: 'string', about: 'submit: the model of rows that name none.' },
    {
      name: 'expires-in',
      type: 'string',
      about: 'submit: seconds until what has not ended is canceled; default a day.',
    },
    { name: 'webhook', type: 'string', about: 'submit: where to send one batch.ended.' },
    { name: 'no-wait', type: 'boolean', about: 'submit, retry: leave when it is kept.' },
    { name: 'limit', type: 'string', about: `list: how many at most; default ${LIMIT}.` },
    JSON_FLAG,
    URL_FLAG,
  ],
  run: (context) => runVerb('batches', VERBS, context),
}

async function said(client: Client, begun: Batch, flags: Record<string, unknown>): Promise<Said> {
  if (flags['no-wait'] === true) return { value: begun, lines: [begun.id] }
  return endOf(await client.batches.wait(begun.id))
}

/** The exit code says whether all rows succeeded. */
function endOf(batch: Batch): Said {
  const { status, counts } = batch
  const isFine = status === 'completed' && counts.succeeded === counts.total
  return { value: batch, lines: linesOf(batch), code: isFine ? EXIT.done : EXIT.failed }
}

function linesOf({ id, status, counts, waits_for, errors }: Batch): string[] {
  const { total, submitted } = counts
  const parts = (['succeeded', 'failed', 'canceled', 'refused', 'purged'] as const)
    .filter((name) => counts[name] > 0)
    .map((name) => `${counts[name]} ${name}`)
  const so = [`${submitted} of ${total ?? '?'} rows submitted`, ...parts].join(', ')
  const held = waits_for === null ? [] : [`It waits: ${waits_for}.`]
  const faults = errors.map(
    ({ line, path, message }) => `${line === null ? 'The file' : `Line ${line}`} ${path} ${message}`,
  )
  return [`${id} ${status}: ${so}.`, ...held, ...faults]
}

function rowOf({ id, status, counts, created_at }: Batch): string[] {
  const { total, succeeded, failed, refused } = counts
  return [
    id,
    status,
    total === null ? '' : String(total),
    String(succeeded),
    String(failed),
    String(refused),
    created_at,
  ]
}
