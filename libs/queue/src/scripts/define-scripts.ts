/**
 * The scripts that write the records of jobs and files, as commands of a connection. What each takes and answers is declared
 * in libs/queue/src/scripts/contract. Called by openQueue.
 */
import { readFileSync } from 'node:fs'
import { clusterOf, type RedisClient } from '../redis/redis-client.ts'
import type { Arguments, ValuesOf } from './contract/wire/argument-kinds.ts'
import type { ArgsOf, ReplyOf, Script } from './contract/declare-script.ts'
import { readArguments } from './contract/wire/read-arguments.ts'
import { gatherFunctions } from './gather-functions.ts'
import { PLAIN_CONSTANTS, tablesFor } from './contract/script-constants.ts'
import { orUnavailable } from '../redis/redis-connection.ts'
import { type ScriptName, SCRIPTS } from './contract/scripts.ts'
import { usedDefinitions, withoutComments } from './used-definitions.ts'
import { writeArguments } from './contract/wire/write-arguments.ts'

const JOB_PRELUDES = [
  ...['prelude', 'writes/prelude', 'usage/prelude', 'shares/prelude', 'lines/prelude', 'log/prelude', 'jobs/prelude'],
]
/** By folder, what goes before its scripts. */
const PRELUDES: Record<string, readonly string[]> = {
  jobs: JOB_PRELUDES,
  shares: JOB_PRELUDES,
  handout: [...JOB_PRELUDES, 'handout/prelude'],
  upgrade: [...JOB_PRELUDES, 'handout/prelude'],
  purge: [...JOB_PRELUDES, 'webhooks/prelude', 'purge/prelude'],
  erasures: [...JOB_PRELUDES, 'webhooks/prelude', 'purge/prelude', 'erasures/prelude'],
  models: ['prelude', 'lines/prelude', 'steering/prelude'],
  steering: ['prelude', 'steering/prelude'],
  webhooks: ['prelude', 'webhooks/prelude'],
  files: ['prelude', 'files/prelude'],
  access: ['prelude', 'access/prelude'],
  audit: ['prelude', 'audit/prelude'],
  workers: ['prelude', 'workers/prelude'],
  usage: ['prelude', 'writes/prelude', 'usage/prelude'],
}

export type ScriptArgs<Name extends ScriptName> = ArgsOf<(typeof SCRIPTS)[Name]>
export type ScriptReply<Name extends ScriptName> = ReplyOf<(typeof SCRIPTS)[Name]>
/** Runs a script with the arguments that its declaration names. Rejects with QueueUnavailableError, see orUnavailable. */
export type RunScript = <Name extends ScriptName>(name: Name, args: ScriptArgs<Name>) => Promise<ScriptReply<Name>>

/** A script and its declaration say different things: a mistake of ours, as a TypeError is. */
class UnexpectedReplyError extends TypeError {
  constructor(name: string, cause: unknown) {
    super(`the script ${name} answered what its declaration does not say`, { cause })
    this.name = 'UnexpectedReplyError'
  }
}

const source = (path: string): string => readFileSync(new URL(`./${path}.lua`, import.meta.url), 'utf8')

const RESERVE_PRELUDE = source('reserve')

/** The whole text of a script: its key and arguments, the definitions that it uses with their constants, and itself. */
export function renderScript(name: string, { args, reserve }: Pick<Script, 'args' | 'reserve'>): string {
  const preludes = PRELUDES[name.split('/')[0] ?? ''] ?? []
  const own = withoutComments(source(name))
  const lua = preludes.length === 0 ? own : `${usedDefinitions(preludes.map(source).join('\n'), own)}\n${own}`
  const head = [tablesFor(lua), 'local P = KEYS[1]', readArguments(args)]
  return [...(reserve === false ? [] : [RESERVE_PRELUDE]), ...head, gatherFunctions(lua, PLAIN_CONSTANTS)].join('\n')
}

/**
 * A second key that never exists, as the first never does. While their slot moves to another node, its keys are here and there; for
 * two that are nowhere a cluster answers TRYAGAIN before it begins, and no script is broken off in the middle.
 */
const UNUSED = '-'

/** Registers a script on the connection and gives the way to call it. Sent by hash; re-sent whole after a flush. */
export function defineScript<A extends Arguments, R>(
  redis: RedisClient,
  name: string,
  script: Script<A, R>,
): (args: ValuesOf<A>) => Promise<R> {
  const isCluster = clusterOf(redis) !== undefined
  redis.defineCommand(`mr_${name}`, { numberOfKeys: isCluster ? 2 : 1, lua: renderScript(name, script) })
  const commands = redis as unknown as Record<string, (...args: (string | number)[]) => Promise<unknown>>
  return async (args) => {
    const shard = script.shard(args)
    const keys = isCluster ? [shard, `${shard}${UNUSED}`] : [shard]
    const answer = await commands[`mr_${name}`]?.(...keys, ...writeArguments(script.args, args))
    const reply = script.reply.safeParse(answer)
    if (reply.success) return reply.data
    throw new UnexpectedReplyError(name, reply.error)
  }
}

/** Registers all scripts on the connection, and gives the way to call them. */
export function defineScripts(redis: RedisClient): RunScript {
  const entries = Object.entries(SCRIPTS).map(([name, script]) => [name, defineScript(redis, name, script as Script)])
  const run = Object.fromEntries(entries) as Record<ScriptName, (args: never) => Promise<never>>
  return (name, args) => orUnavailable(() => run[name](args as never))
}
