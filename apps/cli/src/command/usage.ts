/** The help texts, made from the table of commands. Called by run-cli.ts. */
import { exitCodesLine } from './exit-codes.ts'
import type { Command } from './command.ts'
import { typed, typedText } from './typed.ts'

/** Help for `millrace` as a whole. */
export function usage(commands: readonly Command[]): string {
  const rows = [...commands, { name: 'help', about: 'Show this, or `help <command>` for one command.' }]
  return [
    'Millrace turns a model into a durable asynchronous API.',
    '',
    `Usage: ${typed('<command> [options]')}`,
    '',
    ...columns(rows.map(({ name, about }) => [name, about])),
    '',
    exitCodesLine,
    'Settings come from the environment; `.env.example` of Millrace lists them.',
  ].join('\n')
}

/** Help for one command. */
export function usageOf(command: Command): string {
  const { name, about, args, details = [], example, flags } = command
  const rows = flags.map((flag): [string, string] => [
    `--${flag.name}${flag.type === 'string' ? ' <value>' : ''}`,
    typedText(flag.about),
  ])
  const parts = ['Usage:', typed(name), args, flags.length > 0 ? '[options]' : undefined]
  return [
    parts.filter((part) => part !== undefined).join(' '),
    '',
    typedText(about),
    ...details.map(typedText),
    ...(rows.length > 0 ? ['', ...columns(rows)] : []),
    ...(example === undefined ? [] : ['', `Example: ${example.replace(/(?<=^|[ (])millrace /, () => typed(''))}`]),
    ...(flags.some((flag) => flag.name === 'url') ? ['', exitCodesLine] : []),
  ].join('\n')
}

function columns(rows: [string, string][]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length))
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`)
}
