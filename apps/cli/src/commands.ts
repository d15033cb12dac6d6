/** Every command of `millrace`, once. `run-cli.ts` runs them, `usage.ts` prints them. */
import type { Config } from '@millrace/process'
import { adoptCommand } from './commands/operate/adopt.ts'
import { apiCommand } from './commands/operate/api.ts'
import { cancelCommand } from './commands/client/cancel.ts'
import { checkCommand } from './commands/author/check.ts'
import { completionCommand } from './commands/completion.ts'
import { demoCommand } from './commands/author/demo.ts'
import { devCommand } from './commands/author/dev.ts'
import { doctorCommand } from './commands/operate/doctor.ts'
import { filesCommand } from './commands/client/files.ts'
import { jobsCommand } from './commands/client/jobs.ts'
import { listenCommand } from './commands/client/listen.ts'
import { modelCommand } from './commands/client/model.ts'
import { modelsCommand } from './commands/client/models.ts'
import { newCommand } from './commands/author/new.ts'
import { retryCommand } from './commands/client/retry.ts'
import { runCommand } from './commands/author/run.ts'
import { schemaCommand } from './commands/author/schema.ts'
import { submitCommand } from './commands/client/submit.ts'
import { versionCommand } from './commands/version.ts'
import { watchCommand } from './commands/client/watch.ts'
import { webhooksCommand } from './commands/client/webhooks.ts'
import { workerCommand } from './commands/operate/worker.ts'

export interface Flag {
  /** Without its dashes. */
  name: string
  type: 'string' | 'boolean'
  about: string
  /** It may be given several times; its value then is a list. */
  multiple?: boolean
  /** The setting that it overrides, if it is one. */
  setting?: string
}

export interface CommandContext {
  /** What is no flag; empty unless the command declares `args`. */
  args: string[]
  flags: Record<string, unknown>
  /** The settings, with flags on top. Throws ConfigError. */
  config: () => Config
  /** All of them, for the commands that speak about commands. */
  commands: readonly Command[]
  /** Environment of the caller. */
  env: Readonly<Record<string, string | undefined>>
}

export interface Command {
  name: string
  about: string
  /** What it takes beside flags, as the usage shows it; absent when nothing. */
  args?: string
  /** Lines of help below `about`. */
  details?: string[]
  /** A call that works, for the help. */
  example?: string
  flags: Flag[]
  /** Resolves with the exit code. */
  run(context: CommandContext): Promise<number>
}

export const COMMANDS: readonly Command[] = [
  devCommand,
  demoCommand,
  newCommand,
  checkCommand,
  runCommand,
  schemaCommand,
  apiCommand,
  workerCommand,
  doctorCommand,
  adoptCommand,
  submitCommand,
  watchCommand,
  cancelCommand,
  retryCommand,
  jobsCommand,
  filesCommand,
  modelsCommand,
  modelCommand,
  webhooksCommand,
  listenCommand,
  completionCommand,
  versionCommand,
]
