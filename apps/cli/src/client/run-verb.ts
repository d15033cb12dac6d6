/** Commands that have verbs, such as `webhooks add`: one is chosen, run, and its result printed. Called by such commands. */
import type { Client } from '@millrace/client'
import { terminalJson } from '@millrace/process'
import { connect } from './connect.ts'
import type { CommandContext } from '../command/command.ts'
import { UsageError } from '../command/command-error.ts'
import { EXIT } from '../command/exit-codes.ts'

/** The result to print: a value with --json, else lines. */
export interface Said {
  value: unknown
  lines: string[]
  /** The exit code. Default: done. */
  code?: number
}

export type Verb = (client: Client, args: string[], flags: Record<string, unknown>) => Promise<Said>

/** Runs the verb that the first argument names. Default: `list`. Throws UsageError. */
export async function runVerb(command: string, verbs: Record<string, Verb>, context: CommandContext): Promise<number> {
  const [name = 'list', ...args] = context.args
  const verb = Object.hasOwn(verbs, name) ? verbs[name] : undefined
  if (!verb) throw new UsageError(`\`millrace ${command}\` takes ${Object.keys(verbs).join(', ')}, got "${name}"`)
  const { value, lines, code = EXIT.done } = await verb(connect(context), args, context.flags)
  console.log(context.flags.json === true ? terminalJson(value, 2) : lines.join('\n'))
  return code
}

/** The only argument of a verb. Throws UsageError. */
export function only([first, ...more]: string[], name: string): string {
  if (first === undefined || more.length > 0) throw new UsageError(`one ${name} is needed`)
  return first
}
