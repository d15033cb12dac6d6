/** `millrace model`: shows what a model takes and gives, and how to call it. */
import { EXIT } from '../../command/exit-codes.ts'
import { terminalJson } from '@millrace/process'
import type { ModelView } from '@millrace/client'
import { AT_ONCE, connect, JSON_FLAG, onlyArg, URL_FLAG } from '../../client/connect.ts'
import { describeModel } from '../../schema/describe-model.ts'
import type { Command } from '../../command/command.ts'

export const modelCommand: Command = {
  name: 'model',
  about: 'Show what a model takes and gives, with an example call.',
  args: 'MODEL',
  example: 'millrace model ocr',
  flags: [{ ...JSON_FLAG, about: "Print the model's manifest and state as JSON and nothing else." }, URL_FLAG],
  async run(context) {
    const client = connect(context)
    const model: ModelView = await client.model(onlyArg(context, 'MODEL'), AT_ONCE)
    const withKey = context.config().apiKey !== undefined
    console.log(context.flags.json === true ? terminalJson(model, 2) : describeModel(model, client.url, withKey))
    return EXIT.done
  },
}
