import { readFileSync } from 'node:fs'
import { LIMITS } from '@millrace/contracts'
import type { Redis } from 'ioredis'

/** The scripts that write the record, as commands of a connection. */

const NAMES = ['submit', 'claim', 'beat', 'append', 'settle', 'cancel', 'rerun', 'purge', 'inspect'] as const
export type ScriptName = (typeof NAMES)[number]

export type Reply = string | number | null | Reply[]
export type RunScript = (name: ScriptName, prefix: string, ...args: (string | number)[]) => Promise<Reply>

const source = (name: string): string => readFileSync(new URL(`./scripts/${name}.lua`, import.meta.url), 'utf8')

/** Registers every script on the connection and gives the way to call them. Sent by hash; re-sent whole after a flush. */
export function defineScripts(redis: Redis): RunScript {
  const prelude = `local EVENTS_KEPT = ${LIMITS.eventsPerJob}\n${source('prelude')}`
  for (const name of NAMES) redis.defineCommand(`mr_${name}`, { numberOfKeys: 1, lua: `${prelude}\n${source(name)}` })
  const commands = redis as unknown as Record<string, (...args: (string | number)[]) => Promise<Reply>>
  return (name, prefix, ...args) => {
    const command = commands[`mr_${name}`]
    if (!command) throw new Error(`no script named ${name}`)
    // The key only routes to the shard; scripts build their keys from the prefix.
    return command.call(redis, `${prefix}open`, prefix, ...args)
  }
}
