import { readFileSync } from 'node:fs'
import { LIMITS } from '@millrace/contracts'
import type { Redis } from 'ioredis'
import { MEMORY_LEVELS, SHORT_LOG_BYTES, SPARED_BYTES } from './memory-levels.ts'

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
/** What asks for more work or keeps something new: it stops when Redis is full. All others go on. */
const STOP_WHEN_FULL: ReadonlySet<string> = new Set(['submit', 'rerun', 'file_announce', 'webhook_keep'])
export type ScriptName = (typeof NAMES)[number] | (typeof FILE_NAMES)[number] | (typeof WEBHOOK_NAMES)[number]

export type Reply = string | number | null | Reply[]
export type RunScript = (name: ScriptName, prefix: string, ...args: (string | number)[]) => Promise<Reply>

const source = (name: string): string => readFileSync(new URL(`./scripts/${name}.lua`, import.meta.url), 'utf8')

/** Goes before scripts of BullMQ too. */
export const RESERVE_PRELUDE = source('reserve_prelude')

/** Registers every script on the connection and gives the way to call them. Sent by hash; re-sent whole after a flush. */
export function defineScripts(redis: Redis): RunScript {
  const prelude = `${constants()}\n${source('prelude')}`
  const define = (name: ScriptName, ...before: string[]): void => {
    const reserve = STOP_WHEN_FULL.has(name) ? [] : [RESERVE_PRELUDE]
    const lua = [...reserve, prelude, ...before, source(name)].join('\n')
    redis.defineCommand(`mr_${name}`, { numberOfKeys: 1, lua })
  }
  for (const name of NAMES) define(name, ...(name === 'submit' ? [source('ticket_prelude')] : []))
  for (const name of WEBHOOK_NAMES) define(name, source('webhook_prelude'))
  for (const name of FILE_NAMES) define(name, source('file_prelude'))
  const commands = redis as unknown as Record<string, (...args: (string | number)[]) => Promise<Reply>>
  return (name, prefix, ...args) => {
    const command = commands[`mr_${name}`]
    if (!command) throw new Error(`no script named ${name}`)
    // The key only routes to the shard; scripts build their keys from the prefix.
    return command.call(redis, `${prefix}open`, prefix, ...args)
  }
}

function constants(): string {
  const { crowded, full, tight } = MEMORY_LEVELS
  return [
    `local EVENTS_KEPT, EVENT_BYTES_KEPT = ${LIMITS.eventsPerJob}, ${LIMITS.eventBytesPerJob}`,
    `local CROWDED, FULL, TIGHT, SPARED_BYTES = ${crowded}, ${full}, ${tight}, ${SPARED_BYTES}`,
    `local SHORT_LOG, SHORTEST_LOG = ${SHORT_LOG_BYTES.full}, ${SHORT_LOG_BYTES.tight}`,
  ].join('\n')
}
