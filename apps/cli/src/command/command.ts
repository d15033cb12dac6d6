/** The shape of a command of `millrace`, and of what it is given when it runs. Each file in `commands/` exports one command. */
import type { Config } from '@millrace/process'

export interface Flag {
  /** The name without its dashes. */
  name: string
  type: 'string' | 'boolean'
  about: string
  /** True when the flag may be given several times. Its value is then a list. */
  multiple?: boolean
  /** The setting that the flag overrides, if there is one. */
  setting?: string
}

export interface CommandContext {
  /** The arguments that are not flags. Empty unless the command declares `args`. */
  args: string[]
  flags: Record<string, unknown>
  /** The settings, with flags on top. Throws ConfigError. */
  config: () => Config
  /** All commands, for those that speak about commands. */
  commands: readonly Command[]
  /** The environment of the caller. */
  env: Readonly<Record<string, string | undefined>>
}

export interface Command {
  name: string
  about: string
  /** The arguments besides flags, as the usage shows them. Left out when there are none. */
  args?: string
  /** Lines of help below `about`. */
  details?: string[]
  /** A call that works, shown in the help. */
  example?: string
  flags: Flag[]
  /** Resolves with the exit code. */
  run(context: CommandContext): Promise<number>
}
