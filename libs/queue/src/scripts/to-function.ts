/**
 * Rewrites a whole script as a function that Redis keeps, named `call`: what it defines is made once, when it is loaded, and not at
 * each call. Variables of the script, such as the time, are set anew when a call begins. Called by renderLibrary.
 */
import { wordsOf } from './lua-words.ts'

/** Of a script, without comments: its constants that are tables; the Lua that makes `args` of ARGV; its definitions and itself. */
export interface ScriptParts {
  tables: string
  args: string
  lua: string
}

/** Throws where a script gives two things the same name: as one variable they would be one thing. */
export function toFunction({ tables, args, lua }: ScriptParts): string {
  const statements = statementsOf(lua)
  refuseTwice(statements)
  const functions = statements.filter(({ kind }) => kind === 'function')
  const used = new Set(functions.flatMap(({ text }) => wordsOf(text).words.map(({ token }) => token)))
  const variables = statements.flatMap(({ kind, names }) => (kind === 'variables' ? names : []))
  // Of the others no function knows; they stay within the call.
  const shared = new Set(['P', 'args', ...variables.filter((name) => used.has(name))])
  return [
    tables,
    `local ${[...shared].join(', ')}`,
    ...functions.map(({ text }) => text),
    `local function arguments_of(ARGV)\n${args}\nreturn args\nend`,
    'local function call(KEYS, ARGV)',
    'P, args = KEYS[1], arguments_of(ARGV)',
    ...statements.flatMap((one) => (one.kind === 'function' ? [] : [setting(one, shared)])),
    'end',
  ].join('\n')
}

interface Statement {
  text: string
  kind: 'function' | 'variables' | 'other'
  /** What it defines at the outermost level. */
  names: readonly string[]
}

/** Each begins at the beginning of a line; lines that go on with one are indented, or end it. */
function statementsOf(lua: string): Statement[] {
  return lua.split(/\n(?! |end\b|else|\}|\))/).map((text) => {
    const [, name, names] = /^local (?:function (\w+)|(\w+(?:, \w+)*))/.exec(text) ?? []
    if (name !== undefined) return { text, kind: 'function', names: [name] }
    return { text, kind: names === undefined ? 'other' : 'variables', names: names?.split(', ') ?? [] }
  })
}

/** What is named here. */
const OWN = ['P', 'args', 'arguments_of', 'call']

function refuseTwice(statements: readonly Statement[]): void {
  const seen = new Set(OWN)
  for (const name of statements.flatMap(({ names }) => names)) {
    if (seen.has(name)) throw new TypeError(`a script may not define two things of one name: ${name}`)
    seen.add(name)
  }
}

/** The statement, with variables that functions share set and not made. */
function setting({ text, names }: Statement, shared: ReadonlySet<string>): string {
  if (!names.some((name) => shared.has(name))) return text
  const own = names.filter((name) => !shared.has(name))
  const set = text.slice('local '.length)
  const value = set.includes('=') ? set : `${set} = nil`
  return own.length > 0 ? `local ${own.join(', ')}\n${value}` : value
}
