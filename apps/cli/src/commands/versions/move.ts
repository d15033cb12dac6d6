/** `millrace move`: moves jobs that wait to another version. Listed in commands.ts. */
import type { Relocation, RelocationRequest } from '@millrace/contracts'
import { terminalJson } from '@millrace/process'
import { AT_ONCE, connect, JSON_FLAG, onlyArg, URL_FLAG } from '../../client/connect.ts'
import { untilEnded } from '../../client/until-ended.ts'
import { UsageError } from '../../command/command-error.ts'
import type { Command, CommandContext } from '../../command/command.ts'
import { EXIT } from '../../command/exit-codes.ts'
import { textFlag } from '../../command/read-flags.ts'

export const moveCommand: Command = {
  name: 'move',
  about: 'Move jobs that wait for a version or contract that nobody serves to another version.',
  args: 'MODEL',
  details: [
    'Each input is checked by the schema of the other version; what does not fit stays, and is told. Jobs that run are left alone.',
    'A worker does it. `millrace versions MODEL` tells which contracts there are.',
  ],
  example: 'millrace move ocr --from 1.4.0 --to 1.5.0 --dry-run',
  flags: [
    { name: 'from', type: 'string', about: 'Jobs whose clients named this version.' },
    { name: 'from-contract', type: 'string', about: 'Jobs that wait for any version with this contract.' },
    { name: 'to', type: 'string', about: 'The version that is to run them.' },
    { name: 'dry-run', type: 'boolean', about: 'Check and count, and move nothing.' },
    { name: 'no-wait', type: 'boolean', about: 'Leave when it has begun; it goes on in the workers.' },
    JSON_FLAG,
    URL_FLAG,
  ],
  async run(context) {
    const model = onlyArg(context, 'MODEL')
    const request = requestOf(context)
    const client = connect(context)
    const begun = await client.versions.move(model, request, AT_ONCE)
    const last =
      context.flags['no-wait'] === true
        ? begun
        : await untilEnded(begun, () => client.versions.readMove(begun.model, begun.id))
    if (context.flags.json === true) console.log(terminalJson(last, 2))
    else console.log(linesOf(last).join('\n'))
    return EXIT.done
  },
}

function requestOf({ flags }: CommandContext): RelocationRequest {
  const [version, contract, to] = [textFlag(flags, 'from'), textFlag(flags, 'from-contract'), textFlag(flags, 'to')]
  if (to === undefined) throw new UsageError('--to is needed')
  const base = { to, dry_run: flags['dry-run'] === true }
  if (version !== undefined && contract === undefined) return { ...base, from: { version } }
  if (contract !== undefined && version === undefined) return { ...base, from: { contract } }
  throw new UsageError('either --from or --from-contract is needed')
}

function linesOf({ id, status, dry_run, moved, unfit, misfits }: Relocation): string[] {
  const so = `${moved} ${dry_run ? 'would be moved' : 'moved'}, ${unfit} ${unfit === 1 ? 'does' : 'do'} not fit`
  const head = status === 'done' ? `${so}.` : `${so} so far; it goes on as ${id}.`
  return [head, ...misfits.map(({ job, path, message }) => `  ${job}  ${path} ${message}`)]
}
