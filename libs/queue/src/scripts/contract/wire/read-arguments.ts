/**
 * The Lua that goes before a script and makes one table, `args`, of what writeArguments has sent. Its places are reckoned
 * here, once: to unpack a table that was sent as JSON or MessagePack costs Redis up to eight times as much for a large output.
 * Called by renderScript.
 */
import type { Argument, Arguments } from './argument-kinds.ts'

export function readArguments(declared: Arguments): string {
  const singles = singlesOf(declared)
  const lines = [`local args = ${table(singles, (n) => `ARGV[${n + 1}]`)}`]
  const many = manyOf(declared)
  if (many.length > 0) lines.push(TAKE, `local at = ${singles.length + 1}`, ...many.flatMap((one) => take('args', one)))
  return lines.join('\n')
}

type Named<A = Argument> = [name: string, argument: A]

const singlesOf = (declared: Arguments): Named[] =>
  Object.entries(declared).filter(([, { kind }]) => kind === 'one' || kind === 'optional')
const manyOf = (declared: Arguments): Named[] =>
  Object.entries(declared).filter(([, { kind }]) => kind === 'list' || kind === 'rows')

const TAKE = `local function take(at)
  local list, count = {}, tonumber(ARGV[at])
  for i = 1, count do list[i] = ARGV[at + i] end
  return list, at + count + 1
end`

function table(singles: Named[], place: (n: number) => string): string {
  const read = singles.map(([name, argument], n) => `${name} = ${reading(argument, place(n))}`)
  return `{ ${read.join(', ')} }`
}

function reading(argument: Argument, place: string): string {
  if (argument.kind === 'one') return argument.read(place)
  if (argument.kind === 'optional') return `${place} ~= '' and ${argument.one.read(place)} or nil`
  throw new TypeError('a list has no single place')
}

function take(into: string, [name, argument]: Named): string[] {
  if (argument.kind !== 'rows') return [`${into}.${name}, at = take(at)`]
  const singles = singlesOf(argument.of)
  return [
    `${into}.${name} = {}`,
    'do',
    '  local count = tonumber(ARGV[at])',
    '  at = at + 1',
    '  for n = 1, count do',
    `    local row = ${table(singles, (n) => `ARGV[at + ${n}]`)}`,
    `    at = at + ${singles.length}`,
    ...manyOf(argument.of).flatMap((one) => take('row', one).map((line) => `    ${line}`)),
    `    ${into}.${name}[n] = row`,
    '  end',
    'end',
  ]
}
