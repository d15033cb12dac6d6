/** What a command of `millrace` is, and what it is told when it runs. Each file in `commands/` exports one. */
import type { Config } from '@millrace/process'

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
