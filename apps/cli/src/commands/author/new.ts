/** `millrace new`: makes a folder with a small model that works at once. */
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { EXIT } from '../../command/exit-codes.ts'
import { onlyArg } from '../../client/connect.ts'
import { textFlag, wordFlag } from '../../command/read-flags.ts'
import type { Command } from '../../command/command.ts'
import { CONVENTIONS, createModelFolder } from '../../new/create-model-folder.ts'
import { typed } from '../../command/typed.ts'

export const newCommand: Command = {
  name: 'new',
  about: 'Make the folder of a new model, in TypeScript or Python, that works at once.',
  args: 'NAME',
  details: [
    `Conventions: ${CONVENTIONS.join(', ')}. docs/models.md says what each is good for.`,
    'NAME: lower case letters, digits and dashes.',
  ],
  example: 'millrace new shout --convention cog',
  flags: [
    { name: 'convention', type: 'string', about: `How it is written; default typescript. ${CONVENTIONS.join(', ')}.` },
    { name: 'path', type: 'string', about: 'Folder to make it in; default: the models folder (MILLRACE_MODELS).' },
  ],
  async run(context) {
    const name = onlyArg(context, 'NAME')
    const convention = wordFlag(context.flags, 'convention', CONVENTIONS) ?? 'typescript'
    const parent = textFlag(context.flags, 'path') ?? context.config().models
    const { folder, files } = await createModelFolder({ name, convention, parent })
    // Some conventions need packages. An environment beside the model is found without being named.
    const install = needsPackages(join(folder, 'requirements.txt'))
      ? [`  python3 -m venv ${folder}/.venv && ${folder}/.venv/bin/pip install -r ${folder}/requirements.txt`]
      : []
    const lines = [`Made ${folder}:`, ...files.map((file) => `  ${file}`), '', 'Try it:', ...install]
    const hint = convention === 'typescript' && !isFoundFrom(folder) ? ['', EDITOR] : []
    // A model of the models folder is found by its name.
    const place = context.flags.path === undefined ? name : folder
    console.log([...lines, `  ${typed(`check ${place}`)}`, ...hint].join('\n'))
    return EXIT.done
  },
}

/** Comments alone need none. */
const needsPackages = (path: string): boolean => existsSync(path) && /^[^#\s]/m.test(readFileSync(path, 'utf8'))

/** It runs all the same, with what the command lends it. */
const EDITOR = 'Your editor knows the types once @millrace/model and zod are installed beside it.'

function isFoundFrom(folder: string): boolean {
  const folders = createRequire(join(resolve(folder), 'model.ts')).resolve.paths('@millrace/model') ?? []
  return folders.some((packages) => existsSync(join(packages, '@millrace', 'model')))
}
