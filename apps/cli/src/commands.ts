/** Every command of `millrace`, once. `run-cli.ts` runs them, `usage.ts` prints them. */
import type { Config } from '@millrace/process'
import { apiCommand } from './commands/api.ts'
import { demoCommand } from './commands/demo.ts'
import { devCommand } from './commands/dev.ts'
import { versionCommand } from './commands/version.ts'
import { workerCommand } from './commands/worker.ts'

export interface Flag {
  /** Without its dashes. */
  name: string
  type: 'string' | 'boolean'
  about: string
  /** The setting that it overrides, if it is one. */
  setting?: string
}

export interface CommandContext {
  flags: Record<string, unknown>
  /** The settings, with flags on top. Throws ConfigError. */
  config: () => Config
  /** Environment of the caller. */
  env: Readonly<Record<string, string | undefined>>
}

export interface Command {
  name: string
  about: string
  flags: Flag[]
  /** Resolves with the exit code. */
  run(context: CommandContext): Promise<number>
}

export const COMMANDS: readonly Command[] = [devCommand, demoCommand, apiCommand, workerCommand, versionCommand]
