/** `millrace pause` and `millrace resume`: whether jobs of a model, or of one version of it, are given to workers. */
import type { ModelPauses } from '@millrace/client'
import { terminalJson } from '@millrace/process'
import { AT_ONCE, connect, JSON_FLAG, onlyArg, URL_FLAG } from '../../client/connect.ts'
import type { Command, Flag } from '../../command/command.ts'
import { EXIT } from '../../command/exit-codes.ts'
import { textFlag } from '../../command/read-flags.ts'

// Not `--version`: the CLI understands that as a question about itself.
const VERSION_FLAG: Flag = { name: 'model-version', type: 'string', about: 'Only this version of the model.' }

export const pauseCommand: Command = {
  name: 'pause',
  about: 'Give no more jobs of a model to workers. What runs goes on.',
  args: 'MODEL',
  details: ['Jobs are still taken, and wait, unless --refuse is given. Their deadlines go on.'],
  example: 'millrace pause ocr --model-version 1.5.0',
  flags: [
    VERSION_FLAG,
    { name: 'refuse', type: 'boolean', about: 'Refuse new jobs meanwhile (503 model_paused).' },
    JSON_FLAG,
    URL_FLAG,
  ],
  async run(context) {
    const { flags } = context
    const options = { ...AT_ONCE, version: textFlag(flags, 'model-version') }
    const submits = flags.refuse === true ? 'refuse' : 'take'
    return print(await connect(context).pause(onlyArg(context, 'MODEL'), { ...options, submits }), flags.json === true)
  },
}

export const resumeCommand: Command = {
  name: 'resume',
  about: 'Give jobs of a paused model to workers again.',
  args: 'MODEL',
  example: 'millrace resume ocr',
  flags: [VERSION_FLAG, JSON_FLAG, URL_FLAG],
  async run(context) {
    const options = { ...AT_ONCE, version: textFlag(context.flags, 'model-version') }
    return print(await connect(context).resume(onlyArg(context, 'MODEL'), options), context.flags.json === true)
  },
}

function print(pauses: ModelPauses, asJson: boolean): number {
  console.log(asJson ? terminalJson(pauses, 2) : linesOf(pauses).join('\n'))
  return EXIT.done
}

function linesOf({ model, paused, versions }: ModelPauses): string[] {
  const of = (what: string, { since, submits }: NonNullable<ModelPauses['paused']>): string =>
    `${what} is paused since ${since}; new jobs are ${submits === 'take' ? 'taken and wait' : 'refused'}.`
  const lines = Object.entries(versions).map(([version, pause]) => of(`Version ${version} of ${model}`, pause))
  if (paused) return [of(model, paused), ...lines]
  return lines.length > 0 ? [`${model} itself is not paused.`, ...lines] : [`${model} is not paused.`]
}
