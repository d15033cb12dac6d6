/** `millrace new`: makes a folder with a small model that works at once. */
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
    const install = files.includes('requirements.txt')
      ? [`  python3 -m venv ${folder}/.venv && ${folder}/.venv/bin/pip install -r ${folder}/requirements.txt`]
      : []
    const lines = [`Made ${folder}:`, ...files.map((file) => `  ${file}`), '', 'Try it:', ...install]
    // A model of the models folder is found by its name.
    const place = context.flags.path === undefined ? name : folder
    console.log([...lines, `  ${typed(`check ${place}`)}`].join('\n'))
    return EXIT.done
  },
}
