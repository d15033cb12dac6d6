/** `millrace cancel`: asks the server to stop a job, or all jobs that match. Listed in commands.ts. */
import { EXIT } from '../../command/exit-codes.ts'
import type { Cancellation, CancellationRequest } from '@millrace/contracts'
import { terminalJson } from '@millrace/process'
import { AT_ONCE, connect, JSON_FLAG, onlyArg, URL_FLAG } from '../../client/connect.ts'
import { untilEnded } from '../../client/until-ended.ts'
import { UsageError } from '../../command/command-error.ts'
import type { Command, CommandContext } from '../../command/command.ts'
import { textFlag, wordFlag } from '../../command/read-flags.ts'

export const cancelCommand: Command = {
  name: 'cancel',
  about: 'Cancel a job that waits or runs, or with --all every job that matches.',
  args: '[ID]',
  details: [
    'A job that waits is canceled at once; one that runs is told to stop. One that has ended stays as it is.',
    'With --all, jobs that are submitted after the call are not touched.',
  ],
  example: 'millrace cancel --all --model ocr --status queued',
  flags: [
    { name: 'all', type: 'boolean', about: 'All jobs that match the flags below; at least one of them is needed.' },
    { name: 'model', type: 'string', about: 'all: only jobs of this model.' },
    { name: 'status', type: 'string', about: 'all: only queued, or only running.' },
    { name: 'model-version', type: 'string', about: 'all: only jobs that are pinned to this version or run on it.' },
    { name: 'created-after', type: 'string', about: 'all: only jobs from this time on, ISO 8601.' },
    { name: 'created-before', type: 'string', about: 'all: only jobs up to this time, ISO 8601.' },
    { name: 'no-wait', type: 'boolean', about: 'all: leave when it has begun; it goes on in the server.' },
    JSON_FLAG,
    URL_FLAG,
  ],
  async run(context) {
    const filter = filterOf(context)
    if (context.flags.all === true) return cancelAll(context, filter)
    if (Object.values(filter).some((value) => value !== undefined)) {
      throw new UsageError('to cancel all jobs that match, --all is needed too')
    }
    const job = await connect(context).cancel(onlyArg(context, 'ID'), AT_ONCE)
    if (context.flags.json === true) console.log(terminalJson(job, 2))
    else if (job.status === 'running') console.log(`Job ${job.id} was told to stop.`)
    else console.log(`Job ${job.id} is ${job.status}.`)
    return EXIT.done
  },
}

async function cancelAll(context: CommandContext, filter: CancellationRequest): Promise<number> {
  if (context.args.length > 0) throw new UsageError('--all takes no ID')
  if (Object.values(filter).every((value) => value === undefined)) {
    throw new UsageError('--all needs --model, --status, --created-after or --created-before')
  }
  const client = connect(context)
  const begun = await client.cancelAll(filter, AT_ONCE)
  const last = context.flags['no-wait'] === true ? begun : await untilEnded(begun, () => client.cancellation(begun.id))
  if (context.flags.json === true) console.log(terminalJson(last, 2))
  else console.log(sentenceOf(last))
  return EXIT.done
}

function sentenceOf({ id, status, canceled, stopping }: Cancellation): string {
  const so = `${canceled} canceled, ${stopping} told to stop`
  return status === 'done' ? `${so}.` : `${so} so far; it goes on as ${id}.`
}

function filterOf({ flags }: CommandContext): CancellationRequest {
  return {
    model: textFlag(flags, 'model'),
    status: wordFlag(flags, 'status', ['queued', 'running'] as const),
    version: textFlag(flags, 'model-version'),
    created_after: textFlag(flags, 'created-after'),
    created_before: textFlag(flags, 'created-before'),
  }
}
