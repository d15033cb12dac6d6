/**
 * Makes the client for a command that speaks to a server, from the settings for its address and key. Called by the commands
 * of a client.
 */
import { type Client, createClient } from '@millrace/client'
import { UsageError } from '../command/command-error.ts'
import type { CommandContext, Flag } from '../command/command.ts'

export const URL_FLAG: Flag = {
  name: 'url',
  type: 'string',
  about: 'Address of the server (MILLRACE_URL).',
  setting: 'MILLRACE_URL',
}
export const JSON_FLAG: Flag = { name: 'json', type: 'boolean', about: 'Print JSON and nothing else.' }

/** Throws ConfigError when a setting is wrong. */
export function connect(context: CommandContext): Client {
  const { clientUrl, port, apiKey } = context.config()
  return createClient({ url: clientUrl ?? `http://127.0.0.1:${port || 7070}`, apiKey })
}

/** For the first request of a command: a person at a terminal should hear at once that no server answers. */
export const AT_ONCE = { retries: 0 }

/** Returns the only argument of a command. Throws UsageError when there is none, or more than one. */
export function onlyArg({ args }: CommandContext, name: string): string {
  const [first, ...more] = args
  if (first === undefined) throw new UsageError(`${name} is missing`)
  if (more.length > 0) throw new UsageError(`one ${name} is taken, got ${args.join(' ')}`)
  return first
}
