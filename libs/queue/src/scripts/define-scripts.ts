/**
 * The scripts that write the records of jobs and files, as calls on a connection. What each takes and answers is declared
 * in libs/queue/src/scripts/contract. Called by openQueue.
 */
import { clusterOf, type RedisClient } from '../redis/redis-client.ts'
import type { Arguments, ValuesOf } from './contract/wire/argument-kinds.ts'
import type { ArgsOf, ReplyOf, Script } from './contract/declare-script.ts'
import { orUnavailable } from '../redis/redis-connection.ts'
import { type ScriptName, SCRIPTS } from './contract/scripts.ts'
import { renderLibrary, renderScript } from './render-script.ts'
import { ScriptFunction } from './script-function.ts'
import { hashOfScript, SentScript } from './sent-script.ts'
import { writeArguments } from './contract/wire/write-arguments.ts'

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

/**
 * A second key that never exists, as the first never does. While their slot moves to another node, its keys are here and there; for
 * two that are nowhere a cluster answers TRYAGAIN before it begins, and no script is broken off in the middle.
 */
const UNUSED = '-'

/** Gives the way to call a script on the connection. What is called for each job is called as a function where there are functions. */
export function defineScript<A extends Arguments, R>(
  redis: RedisClient,
  name: string,
  script: Script<A, R>,
): (args: ValuesOf<A>) => Promise<R> {
  const isCluster = clusterOf(redis) !== undefined
  const sent = new SentScript(redis, renderScript(name, script))
  const called = script.perJob ? new ScriptFunction(redis, renderLibrary(name, script), sent) : sent
  return async (args) => {
    const shard = script.shard(args)
    const keys = isCluster ? [shard, `${shard}${UNUSED}`] : [shard]
    const answer = await called.call([keys.length, ...keys, ...writeArguments(script.args, args)])
    const reply = script.reply.safeParse(answer)
    if (reply.success) return reply.data
    throw new UnexpectedReplyError(name, reply.error)
  }
}

/** Gives the way to call all scripts on the connection. */
export function defineScripts(redis: RedisClient): RunScript {
  const entries = Object.entries(SCRIPTS).map(([name, script]) => [name, defineScript(redis, name, script as Script)])
  const run = Object.fromEntries(entries) as Record<ScriptName, (args: never) => Promise<never>>
  return (name, args) => orUnavailable(() => run[name](args as never))
}

/** By the hashes under which Redis knows them, as its slow log has them. */
export const scriptNames = (): Map<string, string> =>
  new Map(
    Object.entries(SCRIPTS).map(
      ([name, script]) => [hashOfScript(renderScript(name, script as Script)), name] as const,
    ),
  )
