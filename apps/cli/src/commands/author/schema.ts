/** `millrace schema`: prints the schemas of a model's input and output, as JSON. */
import { EXIT } from '../../command/exit-codes.ts'
import { terminalJson } from '@millrace/process'
import { hideSecrets } from '@millrace/schema'
import { onlyArg } from '../../client/connect.ts'
import { numberFlag } from '../../command/read-flags.ts'
import { CommandError } from '../../command/command-error.ts'
import type { Command, CommandContext } from '../../command/command.ts'
import { plainText } from '../../terminal/plain-text.ts'
import { findNamed, LOCAL_FLAGS, loadFailure, withModel } from '../../local/open-model.ts'

export const schemaCommand: Command = {
  name: 'schema',
  about: 'Print the JSON Schema of what a model takes and gives, without a server.',
  args: 'MODEL',
  example: 'millrace schema models/ocr',
  flags: [
    { name: 'aiges', type: 'boolean', about: 'Print the document that the AIGES platform describes it with.' },
    ...LOCAL_FLAGS,
  ],
  async run(context) {
    onlyArg(context, 'MODEL')
    console.log(terminalJson(await documentOf(context), 2))
    return EXIT.done
  },
}

const say = (line: string): void => console.error(plainText(line))

async function documentOf(context: CommandContext): Promise<unknown> {
  const config = context.config()
  const source = await findNamed(context, config)
  if (context.flags.aiges !== true) {
    const manifest = await withModel(source, context, say, async (model) => model.manifest)
    const { name, version, description, input_schema: input, output_schema: output, training } = manifest
    const trained = training && { input: hideSecrets(training.input_schema), output: training.output_schema }
    return { name, version, description, input: hideSecrets(input), output, ...(trained && { training: trained }) }
  }
  const { ModelLoadError, PythonError, readAigesSchema } = await import('@millrace/host')
  try {
    const timeoutMs = (numberFlag(context.flags, 'load-timeout') ?? 60) * 1000
    return await readAigesSchema(source, { env: context.env, python: config.python, timeoutMs, onPrinted: say })
  } catch (error) {
    if (error instanceof ModelLoadError)
      throw new CommandError('model', loadFailure(source, error.failure), { cause: error })
    if (error instanceof PythonError) throw new CommandError('model', error.message, { cause: error })
    throw error
  }
}
