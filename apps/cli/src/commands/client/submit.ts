/** `millrace submit`: submits a job from a terminal, shows its progress, and prints and saves its output. */
import { EXIT } from '../../command/exit-codes.ts'
import type { ModelView } from '@millrace/client'
import { JOB_KINDS, type JobKind, PRIORITIES, WEBHOOK_EVENTS } from '@millrace/contracts'
import { connect, JSON_FLAG, URL_FLAG } from '../../client/connect.ts'
import { loadedModel } from '../../client/loaded-model.ts'
import { printDryRun } from '../../client/print-dry-run.ts'
import { followJob, followOptions, NO_WAIT_FLAG, OUT_FLAG, printTaken } from '../../client/follow-job.ts'
import { catchInterrupts } from '../../terminal/interrupts.ts'
import { numberFlag, pairsFlag, textFlag, wordFlag, wordsFlag } from '../../command/read-flags.ts'
import { readInput } from '../../input/read-input.ts'
import { UsageError } from '../../command/command-error.ts'
import type { Command } from '../../command/command.ts'
import { typed } from '../../command/typed.ts'

export const submitCommand: Command = {
  name: 'submit',
  about: 'Send a job to a model, follow it, and print its output.',
  args: 'MODEL [key=value | key=@file | key:=json …]',
  details: [
    "A value is read as what the model's schema says: numbers, true and false, JSON for objects and lists. A key of a",
    'list may be given several times. key:=json is JSON always. `millrace model MODEL` shows what a model takes.',
    'The output goes to standard output, how the job goes to standard error. Ctrl-C cancels the job; a second Ctrl-C',
    `leaves at once (exit code ${EXIT.left}).`,
  ],
  example: 'millrace submit ocr image=@scan.png --out results',
  flags: [
    OUT_FLAG,
    NO_WAIT_FLAG,
    { ...JSON_FLAG, about: 'Print JSON alone: a line per streamed chunk as it comes, then the job.' },
    { name: 'kind', type: 'string', about: `${JOB_KINDS.join(', ')}; default prediction.` },
    { name: 'priority', type: 'string', about: `${PRIORITIES.join(', ')}; default normal.` },
    {
      name: 'dry-run',
      type: 'boolean',
      about: 'Check it, and print where the job would wait and when it would start; nothing is kept.',
    },
    {
      name: 'expires-in',
      type: 'string',
      about: 'Seconds after which it fails if its model has not begun; default: a day.',
    },
    { name: 'reject-if-late', type: 'boolean', about: 'Have it refused if it would probably not start by then.' },
    { name: 'run-at', type: 'string', about: 'Earliest start, such as 2027-01-31T09:00:00Z; default: now.' },
    {
      name: 'version',
      type: 'string',
      about: 'Version of the model that it must run on; it waits for a worker that has it.',
    },
    {
      name: 'metadata',
      type: 'string',
      multiple: true,
      about: 'A label of your own, name=value, kept with the job; once for each.',
    },
    {
      name: 'keep-for',
      type: 'string',
      about: "Seconds from its end until job and files are deleted; default: the model's.",
    },
    { name: 'max-attempts', type: 'string', about: "Attempts when the model raises an error; default: the model's." },
    { name: 'timeout', type: 'string', about: "Seconds one attempt may run; default: the model's." },
    {
      name: 'webhook',
      type: 'string',
      about: 'Address to tell of this job; signed with the secret of `webhooks secret`.',
    },
    { name: 'webhook-events', type: 'string', about: `Which of ${WEBHOOK_EVENTS.join(',')}; default: how it ends.` },
    { name: 'idempotency-key', type: 'string', about: 'Same key, same job, for 24 hours; default: a new one.' },
    URL_FLAG,
  ],
  async run(context) {
    const [model, ...assignments] = context.args
    if (model === undefined) throw new UsageError('MODEL is missing; `millrace models` lists them')
    const { flags } = context
    const isDry = flags['dry-run'] === true
    if (isDry && (flags.out !== undefined || flags['no-wait'] === true))
      throw new UsageError('--dry-run makes no job: leave --out and --no-wait out')
    const follow = followOptions(context)
    const kind = wordFlag(flags, 'kind', JOB_KINDS)
    const version = textFlag(flags, 'version')
    const request = {
      kind,
      priority: wordFlag(flags, 'priority', PRIORITIES),
      expires_in: numberFlag(flags, 'expires-in'),
      ...(flags['reject-if-late'] === true && { reject_if_late: true }),
      run_at: textFlag(flags, 'run-at'),
      version,
      metadata: pairsFlag(flags, 'metadata'),
      keep_for: numberFlag(flags, 'keep-for', { whole: true }),
      max_attempts: numberFlag(flags, 'max-attempts', { whole: true }),
      timeout: numberFlag(flags, 'timeout'),
      webhook: textFlag(flags, 'webhook'),
      webhook_events: wordsFlag(flags, 'webhook-events', WEBHOOK_EVENTS),
      idempotencyKey: textFlag(flags, 'idempotency-key'),
    }
    const client = connect(context)
    const input = readInput(assignments, inputOf(await loadedModel(client, model), { kind, version }))
    if (isDry) return printDryRun(await client.dryRun(model, input, request), follow.json)
    let id: string | undefined
    const interrupts = catchInterrupts(() =>
      id === undefined
        ? 'Left before the server answered: the job may have been kept. `millrace jobs` shows.'
        : `Left. Job ${id} may still run; \`${typed(`watch ${id}`)}\` follows it.`,
    )
    interrupts.onFirst(() =>
      console.error('Canceling the job once the server has it. Ctrl-C again leaves without waiting for that.'),
    )
    try {
      const job = await client.submit(model, input, { ...request, signal: interrupts.left })
      id = job.id
      if (flags['no-wait'] === true && !interrupts.asked) return printTaken(job, follow.json)
      return await followJob(client, job, { ...follow, interrupts })
    } finally {
      interrupts.release()
    }
  },
}

/** The input schema for a job of this kind. */
function inputOf(model: ModelView, asked: { kind?: JobKind; version?: string }) {
  const { name, training } = model
  const isTraining = asked.kind === 'training'
  if (isTraining && !training) throw new UsageError(`${name} cannot be trained; leave --kind out`)
  const schema = isTraining && training ? training.input_schema : model.input_schema
  // Another version may take fields that this schema does not know. The server checks them.
  const isOther = asked.version !== undefined && asked.version !== model.version
  return { name, input_schema: isOther ? { ...schema, additionalProperties: true } : schema }
}
