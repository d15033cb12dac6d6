/** `millrace models`: lists the models of the server. */
import { EXIT } from '../../command/exit-codes.ts'
import type { ModelView } from '@millrace/client'
import { terminalJson } from '@millrace/process'
import { AT_ONCE, connect, JSON_FLAG, URL_FLAG } from '../../client/connect.ts'
import { table } from '../../terminal/format.ts'
import type { Command } from '../../command/command.ts'
import { firstLine } from '../../terminal/plain-text.ts'

export const modelsCommand: Command = {
  name: 'models',
  about: 'List the models of a server and how busy they are.',
  example: 'millrace models --url http://127.0.0.1:7070',
  flags: [{ ...JSON_FLAG, about: 'Print a JSON array of models and nothing else.' }, URL_FLAG],
  async run(context) {
    const models = await connect(context).models(AT_ONCE)
    if (context.flags.json === true) {
      console.log(terminalJson(models, 2))
    } else if (models.length === 0) {
      console.log('No worker has published a model yet.')
    } else {
      const rows = models.map((model) =>
        [
          model.name,
          model.version || '-',
          stateOf(model),
          model.workers,
          model.queued,
          model.running,
          aboutOf(model),
        ].map(String),
      )
      console.log(table([['NAME', 'VERSION', 'READY', 'WORKERS', 'QUEUED', 'RUNNING', 'ABOUT'], ...rows]))
    }
    return EXIT.done
  },
}

function stateOf({ ready, paused, state }: ModelView): string {
  if (paused) return 'paused'
  if (ready) return 'yes'
  return state === 'loading' || state === 'failed' ? state : 'no'
}

/** Why it does not load, or else what it is. */
const aboutOf = ({ reason, description }: ModelView): string => firstLine(reason ?? description)
