/** The help texts, made from the table of commands. */
import { COMMANDS, type Command } from './commands.ts'

/** Help for `millrace` as a whole. */
export function usage(): string {
  const rows = [...COMMANDS, { name: 'help', about: 'Show this, or `help <command>` for one command.' }]
  return [
    'Millrace turns a model into a durable asynchronous API.',
    '',
    'Usage: millrace <command> [options]',
    '',
    ...columns(rows.map(({ name, about }) => [name, about])),
    '',
    'Settings come from the environment; .env.example lists them.',
  ].join('\n')
}

/** Help for one command. */
export function usageOf(command: Command): string {
  const flags = command.flags.map(({ name, type, about }) => [`--${name}${type === 'string' ? ' <value>' : ''}`, about])
  const options = flags.length > 0 ? ['', ...columns(flags as [string, string][])] : []
  return [`Usage: millrace ${command.name}${flags.length > 0 ? ' [options]' : ''}`, '', command.about, ...options].join(
    '\n',
  )
}

function columns(rows: [string, string][]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length))
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`)
}
