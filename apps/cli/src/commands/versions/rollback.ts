/** `millrace rollback`: makes the version current that was current before. Listed in commands.ts. */
import { AT_ONCE, connect, JSON_FLAG, onlyArg, URL_FLAG } from '../../client/connect.ts'
import { showVersions } from '../../client/show-versions.ts'
import type { Command } from '../../command/command.ts'

export const rollbackCommand: Command = {
  name: 'rollback',
  about: 'Go back to the version of a model that was current before.',
  args: 'MODEL',
  details: ['A split of traffic ends. A second rollback undoes the first.'],
  example: 'millrace rollback ocr',
  flags: [JSON_FLAG, URL_FLAG],
  async run(context) {
    const list = await connect(context).versions.rollback(onlyArg(context, 'MODEL'), AT_ONCE)
    return showVersions(list, { json: context.flags.json === true })
  },
}
