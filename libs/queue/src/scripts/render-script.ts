/** The whole text of a script, as Redis is sent it. Called by defineScript. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { PLAIN_CONSTANTS, tablesFor } from './contract/script-constants.ts'
import type { Script } from './contract/declare-script.ts'
import { readArguments } from './contract/wire/read-arguments.ts'
import { gatherFunctions } from './gather-functions.ts'
import { toFunction } from './to-function.ts'
import { usedDefinitions, withoutComments } from './used-definitions.ts'
import { writeConstants } from './write-constants.ts'

const JOB_PRELUDES = [
  ...[
    'prelude',
    'writes/prelude',
    'usage/prelude',
    'minutes/prelude',
    'shares/prelude',
    'lines/prelude',
    'log/prelude',
    'checkpoints/prelude',
    'jobs/prelude',
  ],
]
/** By folder, what goes before its scripts. */
const PRELUDES: Record<string, readonly string[]> = {
  jobs: JOB_PRELUDES,
  log: JOB_PRELUDES,
  checkpoints: JOB_PRELUDES,
  search: JOB_PRELUDES,
  shares: JOB_PRELUDES,
  handout: [...JOB_PRELUDES, 'handout/prelude'],
  upgrade: [...JOB_PRELUDES, 'handout/prelude'],
  purge: [...JOB_PRELUDES, 'webhooks/prelude', 'purge/prelude'],
  erasures: [...JOB_PRELUDES, 'webhooks/prelude', 'purge/prelude', 'erasures/prelude'],
  actions: [...JOB_PRELUDES, 'webhooks/prelude', 'purge/prelude', 'actions/prelude'],
  batches: ['prelude', 'batches/prelude'],
  repeats: ['prelude', 'repeats/prelude'],
  models: ['prelude', 'lines/prelude', 'steering/prelude'],
  steering: ['prelude', 'steering/prelude'],
  webhooks: ['prelude', 'webhooks/prelude'],
  files: ['prelude', 'files/prelude'],
  access: ['prelude', 'access/prelude'],
  audit: ['prelude', 'audit/prelude'],
  workers: ['prelude', 'workers/prelude'],
  usage: ['prelude', 'writes/prelude', 'usage/prelude'],
}

const source = (path: string): string => readFileSync(new URL(`./${path}.lua`, import.meta.url), 'utf8')

const RESERVE_PRELUDE = source('reserve')

/** The definitions that a script uses, and itself. */
function bodyOf(name: string): string {
  const preludes = PRELUDES[name.split('/')[0] ?? ''] ?? []
  const own = withoutComments(source(name))
  return preludes.length === 0 ? own : `${usedDefinitions(preludes.map(source).join('\n'), own)}\n${own}`
}

/** For EVAL: its key and arguments, the definitions that it uses with their constants, and itself. */
export function renderScript(name: string, { args, reserve }: Pick<Script, 'args' | 'reserve'>): string {
  const lua = bodyOf(name)
  const head = [tablesFor(lua), 'local P = KEYS[1]', readArguments(args)]
  const whole = gatherFunctions(writeConstants(lua, PLAIN_CONSTANTS))
  return [...(reserve === false ? [] : [RESERVE_PRELUDE]), ...head, whole].join('\n')
}

export interface ScriptLibrary {
  /** Of the library and of the one function in it. Another text has another name, so processes of several versions disturb nobody. */
  name: string
  text: string
  /** What the names of all versions of this script match, and nothing else. */
  pattern: string
}

/** For FUNCTION LOAD: the same as a library of one function. */
export function renderLibrary(name: string, { args, reserve }: Pick<Script, 'args' | 'reserve'>): ScriptLibrary {
  const lua = bodyOf(name)
  const parts = { tables: tablesFor(lua), args: readArguments(args), lua: writeConstants(lua, PLAIN_CONSTANTS) }
  const body = toFunction(parts)
  // In place of the prelude of the reserve.
  const flags = reserve === false ? '' : "'allow-oom'"
  const begin = `mr_${name.replace('/', '_')}_`
  const hash = createHash('sha256').update(body).update(flags).digest('hex').slice(0, 16)
  const whole = `${begin}${hash}`
  const register = `redis.register_function{ function_name = '${whole}', callback = call, flags = { ${flags} } }`
  return { name: whole, text: `#!lua name=${whole}\n${body}\n${register}\n`, pattern: `${begin}${'?'.repeat(16)}` }
}
