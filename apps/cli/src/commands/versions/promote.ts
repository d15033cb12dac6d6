/** `millrace promote`: makes a version of a model the current one. Listed in commands.ts. */
import { AT_ONCE, connect, JSON_FLAG, URL_FLAG } from '../../client/connect.ts'
import { showVersions } from '../../client/show-versions.ts'
import { UsageError } from '../../command/command-error.ts'
import type { Command } from '../../command/command.ts'

export const promoteCommand: Command = {
  name: 'promote',
  about: 'Make a version of a model the current one.',
  args: 'MODEL [VERSION]',
  details: [
    'Jobs that name no version go to it, whatever is published later; a split of traffic ends.',
    'With --newest instead of a version, the newest is current, and from then on whichever is newest.',
  ],
  example: 'millrace promote ocr 1.5.0',
  flags: [
    { name: 'newest', type: 'boolean', about: 'Let the newest version take over from now on.' },
    JSON_FLAG,
    URL_FLAG,
  ],
  async run(context) {
    const [model, version, ...more] = context.args
    const newest = context.flags.newest === true
    if (model === undefined || more.length > 0) throw new UsageError('MODEL and VERSION are taken')
    if (newest === (version !== undefined)) throw new UsageError('either VERSION or --newest is needed')
    const list = await connect(context).versions.promote(model, version ?? null, AT_ONCE)
    return showVersions(list, { json: context.flags.json === true })
  },
}
