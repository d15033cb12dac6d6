/** `millrace completion`: prints scripts that let a shell complete commands, flags and names of models. */
import { EXIT } from '../command/exit-codes.ts'
import { connect } from '../client/connect.ts'
import { completionScript, SHELLS } from '../command/completion-script.ts'
import { UsageError } from '../command/command-error.ts'
import type { Command, CommandContext } from '../command/command.ts'

/** A user who presses Tab must not wait for a server that does not answer. Milliseconds. */
const PATIENCE = 800

export const completionCommand: Command = {
  name: 'completion',
  about: 'Print a script that teaches a shell to complete millrace.',
  args: 'bash|zsh|fish',
  details: ['Put the line of your shell into its start-up file. Names of models are asked of the server.'],
  example: 'source <(millrace completion bash)',
  flags: [],
  async run(context) {
    const [shell] = context.args
    // The scripts themselves make these two calls.
    if (shell === 'models') return printModelNames(context)
    if (shell === 'folders') return printFolderNames(context)
    const known = SHELLS.find((one) => one === shell)
    if (known === undefined) throw new UsageError(`name a shell: ${SHELLS.join(', ')}`)
    console.log(completionScript(known, context.commands))
    return EXIT.done
  },
}

/** Prints names or nothing: an error message would land in the user's command line. */
async function printModelNames(context: CommandContext): Promise<number> {
  try {
    const models = await connect(context).models({ retries: 0, signal: AbortSignal.timeout(PATIENCE) })
    for (const { name } of models) console.log(name)
  } catch {
    return EXIT.done
  }
  return EXIT.done
}

/** Prints the models in the models folder of this machine, by folder. */
async function printFolderNames(context: CommandContext): Promise<number> {
  try {
    const { discoverModels } = await import('@millrace/host')
    for (const { label } of await discoverModels(context.config().models)) console.log(label)
  } catch {
    return EXIT.done
  }
  return EXIT.done
}
