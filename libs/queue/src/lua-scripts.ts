import { readFileSync } from 'node:fs'
import { LIMITS } from '@millrace/contracts'
import type { Redis } from 'ioredis'

/** The scripts that write the records of jobs and files, as commands of a connection. */

const NAMES = ['submit', 'claim', 'beat', 'append', 'settle', 'cancel', 'rerun', 'purge', 'inspect', 'resolve'] as const
/** Those about webhooks have a prelude of their own behind the common one. */
const WEBHOOK_NAMES = [
  'webhook_fan_out',
  'webhook_lease',
  'webhook_end_try',
  'webhook_redeliver',
  'webhook_forget',
  'webhook_keep',
  'webhook_mark',
  'webhook_unmark',
] as const
const FILE_NAMES = ['file_keep', 'file_announce', 'file_hold', 'file_release', 'file_condemn'] as const
export type ScriptName = (typeof NAMES)[number] | (typeof FILE_NAMES)[number] | (typeof WEBHOOK_NAMES)[number]

export type Reply = string | number | null | Reply[]
export type RunScript = (name: ScriptName, prefix: string, ...args: (string | number)[]) => Promise<Reply>

const source = (name: string): string => readFileSync(new URL(`./scripts/${name}.lua`, import.meta.url), 'utf8')

/** Registers every script on the connection and gives the way to call them. Sent by hash; re-sent whole after a flush. */
export function defineScripts(redis: Redis): RunScript {
  const bounds = `local EVENTS_KEPT, EVENT_BYTES_KEPT = ${LIMITS.eventsPerJob}, ${LIMITS.eventBytesPerJob}`
  const prelude = `${bounds}\n${source('prelude')}`
  for (const name of NAMES) {
    const own = name === 'submit' ? `${source('ticket_prelude')}\n${source(name)}` : source(name)
    redis.defineCommand(`mr_${name}`, { numberOfKeys: 1, lua: `${prelude}\n${own}` })
  }
  const both = `${prelude}\n${source('webhook_prelude')}`
  for (const name of WEBHOOK_NAMES)
    redis.defineCommand(`mr_${name}`, { numberOfKeys: 1, lua: `${both}\n${source(name)}` })
  const withFiles = `${prelude}\n${source('file_prelude')}`
  for (const name of FILE_NAMES)
    redis.defineCommand(`mr_${name}`, { numberOfKeys: 1, lua: `${withFiles}\n${source(name)}` })
  const commands = redis as unknown as Record<string, (...args: (string | number)[]) => Promise<Reply>>
  return (name, prefix, ...args) => {
    const command = commands[`mr_${name}`]
    if (!command) throw new Error(`no script named ${name}`)
    // The key only routes to the shard; scripts build their keys from the prefix.
    return command.call(redis, `${prefix}open`, prefix, ...args)
  }
}
