/** `millrace versions`: lists the versions of a model, who serves them, and what happened to them. Listed in commands.ts. */
import { AT_ONCE, connect, JSON_FLAG, onlyArg, URL_FLAG } from '../../client/connect.ts'
import { showVersions } from '../../client/show-versions.ts'
import type { Command } from '../../command/command.ts'

export const versionsCommand: Command = {
  name: 'versions',
  about: 'List the versions of a model, and tell what happened to them.',
  args: 'MODEL',
  example: 'millrace versions ocr',
  flags: [JSON_FLAG, URL_FLAG],
  async run(context) {
    const list = await connect(context).versions.list(onlyArg(context, 'MODEL'), AT_ONCE)
    return showVersions(list, { json: context.flags.json === true, events: 20 })
  },
}
