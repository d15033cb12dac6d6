/**
 * Puts the arguments of a call into the order in which readArguments has Lua take them: single ones first, as they are
 * declared, then lists and rows, each behind its length. Called by defineScripts.
 */
import type { Argument, Arguments } from './argument-kinds.ts'

export function writeArguments(declared: Arguments, given: object): (string | number)[] {
  const flat: (string | number)[] = []
  write(declared, given as Record<string, never>, flat)
  return flat
}

function write(declared: Arguments, given: Record<string, never>, flat: (string | number)[]): void {
  for (const name in declared) {
    const argument = declared[name] as Argument
    if (argument.kind === 'one') flat.push(argument.write(given[name] as never))
    else if (argument.kind === 'optional') flat.push(given[name] === undefined ? '' : argument.one.write(given[name]))
  }
  for (const name in declared) {
    const argument = declared[name] as Argument
    if (argument.kind === 'list') {
      const texts = argument.write(given[name] as never)
      flat.push(texts.length)
      for (const text of texts) flat.push(text)
    } else if (argument.kind === 'rows') {
      const groups = given[name] as unknown as Record<string, never>[]
      flat.push(groups.length)
      for (const group of groups) write(argument.of, group, flat)
    }
  }
}
