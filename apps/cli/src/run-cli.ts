/**
 * Runs the command that the arguments name, and turns what it throws into an exit code. Called by main.ts; tests call it
 * through the real binary.
 */
import { EXIT } from './command/exit-codes.ts'
import { parseArgs } from 'node:util'
import { ApiError, ConnectionError } from '@millrace/client'
import { ConfigError, loadConfig, nearestName } from '@millrace/process'
import { explainRefusal, explainSilence } from './client/explain-error.ts'
import type { Command } from './command/command.ts'
import { COMMANDS } from './commands.ts'
import { CommandError, UsageError } from './command/command-error.ts'
import { FAULTS, type FaultCode } from './command/faults.ts'
import { guardConsole } from './terminal/guard-console.ts'
import { rememberCall, typedText } from './command/typed.ts'
import { usage, usageOf } from './command/usage.ts'

type Env = Readonly<Record<string, string | undefined>>

/** Runs one command and resolves with its exit code. Never rejects; faults are printed to standard error. */
export async function runCli(args: string[], env: Env): Promise<number> {
  guardConsole()
  rememberCall(env)
  try {
    return await run(args, env)
  } catch (error) {
    if (error instanceof ConfigError) return complain('settings', ['These settings do not work:', ...error.faults])
    if (error instanceof ConnectionError) return complain('server_silent', [explainSilence(error)])
    if (error instanceof ApiError) return complain('refused', explainRefusal(error))
    if (error instanceof CommandError) return complain(error.code, [error.message])
    // No code threw this for the user to read, so it is a fault of Millrace. The stack shows where it came from.
    return complain('internal', [error instanceof Error ? (error.stack ?? error.message) : String(error)])
  }
}

async function run(args: string[], env: Env): Promise<number> {
  const [name = 'help', ...rest] = args.map((arg, index) => (index === 0 ? (ALIASES[arg] ?? arg) : arg))
  if (name === 'help') {
    const [topic] = rest.filter((arg) => !arg.startsWith('-'))
    const about = topic === undefined || topic === 'help' ? undefined : findCommand(topic)
    console.log(about ? usageOf(about) : usage(COMMANDS))
    return EXIT.done
  }
  const command = findCommand(name)
  const { values, positionals } = parse(command, rest)
  if (values.help === true) {
    console.log(usageOf(command))
    return EXIT.done
  }
  return command.run({
    args: positionals,
    commands: COMMANDS,
    flags: values,
    config: () => loadConfig(withFlags(env, command, values)),
    env,
  })
}

const ALIASES: Record<string, string> = { '--help': 'help', '-h': 'help', '--version': 'version', '-v': 'version' }

function findCommand(name: string): Command {
  const command = COMMANDS.find((candidate) => candidate.name === name)
  if (command) return command
  const names = [...COMMANDS.map((candidate) => candidate.name), 'help']
  const nearest = nearestName(name, names)
  throw new UsageError(
    `There is no command "${name}"${nearest ? `; did you mean "${nearest}"?` : ''}\nThe commands are ${names.join(', ')}.`,
  )
}

function parse(command: Command, args: string[]) {
  try {
    const options = Object.fromEntries(
      command.flags.map(({ name, type, multiple = false }) => [name, { type, multiple }]),
    )
    return parseArgs({
      args,
      options: { ...options, help: { type: 'boolean', short: 'h' } },
      strict: true,
      allowPositionals: command.args !== undefined,
    })
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n\n${usageOf(command)}`)
  }
}

/** A flag that stands for a setting wins over the environment. */
function withFlags(env: Env, command: Command, values: Record<string, unknown>): Env {
  const given = command.flags.flatMap(({ name, setting }) => {
    const value = values[name]
    return setting !== undefined && typeof value === 'string' ? [[setting, value] as const] : []
  })
  return { ...env, ...Object.fromEntries(given) }
}

/** Prints the lines to standard error and returns the exit code of the fault. */
function complain(code: FaultCode, lines: string[]): number {
  console.error(typedText(lines.join('\n  ')))
  return EXIT[FAULTS[code].exit]
}
