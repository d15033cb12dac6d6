/** `millrace files`: uploads a file for jobs to use; shows, saves and deletes files. */
import { EXIT } from '../../command/exit-codes.ts'
import { terminalJson } from '@millrace/process'
import { fileAt } from '@millrace/client'
import { connect, JSON_FLAG, URL_FLAG } from '../../client/connect.ts'
import { OUT_FLAG } from '../../client/follow-job.ts'
import { textFlag } from '../../command/read-flags.ts'
import { assertReadable } from '../../input/read-input.ts'
import { checkOutFolder, saveFile } from '../../client/save-files.ts'
import { UsageError } from '../../command/command-error.ts'
import type { Command, CommandContext } from '../../command/command.ts'

const VERBS = ['upload', 'get', 'save', 'delete'] as const

export const filesCommand: Command = {
  name: 'files',
  about: 'Upload a file for jobs to use; show, save or delete one.',
  args: `${VERBS.join('|')} PATH|ID`,
  details: [
    'upload PATH prints the id, which stands for the file in an input: millrace submit MODEL key=file_…',
    'get ID shows a file, save ID writes it to a folder (--out, default here), delete ID deletes an uploaded one.',
  ],
  example: 'millrace files upload scan.png',
  flags: [OUT_FLAG, JSON_FLAG, URL_FLAG],
  async run(context) {
    const [verb, what, ...more] = context.args
    if (!VERBS.includes(verb as (typeof VERBS)[number])) throw new UsageError(`expected one of ${VERBS.join(', ')}`)
    if (what === undefined || more.length > 0) throw new UsageError(`\`files ${verb}\` takes one PATH or ID`)
    return await ACTS[verb as (typeof VERBS)[number]](context, what)
  },
}

const ACTS: Record<(typeof VERBS)[number], (context: CommandContext, what: string) => Promise<number>> = {
  async upload(context, path) {
    assertReadable(path)
    const file = await connect(context).files.upload(fileAt(path))
    console.log(context.flags.json === true ? terminalJson(file, 2) : file.id)
    return EXIT.done
  },
  async get(context, id) {
    console.log(terminalJson(await connect(context).files.get(id), 2))
    return EXIT.done
  },
  async save(context, id) {
    const client = connect(context)
    const folder = textFlag(context.flags, 'out') ?? '.'
    checkOutFolder(folder)
    console.log(await saveFile(client, await client.files.get(id), { folder }))
    return EXIT.done
  },
  async delete(context, id) {
    await connect(context).files.delete(id)
    return EXIT.done
  },
}
