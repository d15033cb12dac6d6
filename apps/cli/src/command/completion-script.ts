/** Makes completion scripts for shells from the table of commands. Printed by `millrace completion`. */
import type { Command } from './command.ts'

export const SHELLS = ['bash', 'zsh', 'fish'] as const
type Shell = (typeof SHELLS)[number]

/** Runs while the user waits. Prints names, or nothing. */
const MODELS = 'millrace completion models 2>/dev/null'
/** The same for the commands that run a model of this machine. */
const FOLDERS = 'millrace completion folders 2>/dev/null'

export function completionScript(shell: Shell, commands: readonly Command[]): string {
  const names = [...commands.map(({ name }) => name), 'help']
  const takers = commands.filter(({ args }) => args?.startsWith('MODEL'))
  const isLocal = ({ flags }: Command): boolean => flags.some(({ name }) => name === 'models')
  const takeModel = takers.filter((command) => !isLocal(command)).map(({ name }) => name)
  const takeFolder = takers.filter(isLocal).map(({ name }) => name)
  return { bash, zsh, fish }[shell](commands, { names, takeModel, takeFolder })
}

interface Words {
  names: string[]
  /** Commands whose first argument is a model of the server. */
  takeModel: string[]
  /** Commands whose first argument is a model of this machine, or a path. */
  takeFolder: string[]
}

const flagsOf = ({ flags }: Command): string[] => [...flags.map(({ name }) => `--${name}`), '--help']

function bash(commands: readonly Command[], { names, takeModel, takeFolder }: Words): string {
  return `_millrace() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" words=""
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    words="${names.join(' ')}"
  elif [ "\${cur#-}" != "$cur" ]; then
    case "\${COMP_WORDS[1]}" in
${commands.map((command) => `      ${command.name}) words="${flagsOf(command).join(' ')}" ;;`).join('\n')}
    esac
  elif [ "$COMP_CWORD" -eq 2 ]; then
    case "\${COMP_WORDS[1]}" in
      ${takeModel.join('|')}) words="$(${MODELS})" ;;
      ${takeFolder.join('|')}) words="$(${FOLDERS})" ;;
      completion) words="${SHELLS.join(' ')}" ;;
      help) words="${names.join(' ')}" ;;
    esac
  fi
  [ -z "$words" ] || COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o default -F _millrace millrace`
}

function zsh(commands: readonly Command[], { names, takeModel, takeFolder }: Words): string {
  const described = commands.map(({ name, about }) => `'${name}:${about.replaceAll("'", '').replaceAll(':', ' ')}'`)
  return `#compdef millrace
_millrace() {
  local -a found
  if (( CURRENT == 2 )); then
    found=(${described.join(' ')})
    _describe 'command' found
  elif [[ "$PREFIX" == -* ]]; then
    case "$words[2]" in
${commands.map((command) => `      ${command.name}) found=(${flagsOf(command).join(' ')}) ;;`).join('\n')}
    esac
    compadd -a found
  elif (( CURRENT == 3 )); then
    case "$words[2]" in
      ${takeModel.join('|')}) found=(\${(f)"$(${MODELS})"}); compadd -a found ;;
      ${takeFolder.join('|')}) found=(\${(f)"$(${FOLDERS})"}); compadd -a found; _files ;;
      completion) compadd ${SHELLS.join(' ')} ;;
      help) compadd ${names.join(' ')} ;;
    esac
  else
    _files
  fi
}
compdef _millrace millrace`
}

function fish(commands: readonly Command[], { names, takeModel, takeFolder }: Words): string {
  const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
  const of = (name: string): string => `complete -c millrace -n '__fish_seen_subcommand_from ${name}'`
  const lines = commands.flatMap(({ name, about, flags }) => [
    `complete -c millrace -n __fish_use_subcommand -f -a ${name} -d ${quoted(about)}`,
    ...flags.map(
      (flag) => `${of(name)} -l ${flag.name}${flag.type === 'string' ? ' -r' : ''} -d ${quoted(flag.about)}`,
    ),
  ])
  return [
    ...lines,
    `${of(takeModel.join(' '))} -a '(${MODELS})'`,
    `${of(takeFolder.join(' '))} -a '(${FOLDERS})'`,
    `${of('completion')} -f -a '${SHELLS.join(' ')}'`,
    `complete -c millrace -n __fish_use_subcommand -f -a help`,
    `${of('help')} -f -a '${names.join(' ')}'`,
  ].join('\n')
}
