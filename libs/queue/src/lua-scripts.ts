import { readFileSync } from 'node:fs'
import { LIMITS, PRIORITIES } from '@millrace/contracts'
import type { Redis } from 'ioredis'
import { SUBMITTED } from './shelved-log.ts'
import { LONG_LOG_BYTES, MEMORY_LEVELS, SHORT_LOG_BYTES, SPARED_BYTES } from './memory-levels.ts'

/** The scripts that write the records of jobs and files, as commands of a connection. */

/** What is set before each, behind the common prelude. */
const SCRIPTS = {
  submit: ['tombstone', 'ticket'],
  claim: [],
  beat: [],
  append: [],
  settle: [],
  cancel: ['tombstone', 'ticket'],
  rerun: ['tombstone', 'ticket'],
  resolve: [],
  purge: ['tombstone', 'ticket', 'webhook', 'erase'],
  purge_due: ['tombstone', 'webhook', 'erase'],
  erased: ['tombstone'],
  reconcile: ['ticket'],
  shelf: [],
  shelve: [],
  look: [],
  publish: [],
  webhook_fan_out: ['webhook'],
  webhook_lease: ['webhook'],
  webhook_end_try: ['webhook'],
  webhook_redeliver: ['webhook'],
  webhook_forget: ['webhook'],
  webhook_keep: ['webhook'],
  webhook_mark: ['webhook'],
  webhook_unmark: ['webhook'],
  file_keep: ['file'],
  file_announce: ['file'],
  file_hold: ['file'],
  file_release: ['file'],
  file_condemn: ['file'],
} as const
export type ScriptName = keyof typeof SCRIPTS
/** What asks for more work, keeps something new or writes nothing. All others go on in the reserve when Redis is full. */
const NO_RESERVE: ReadonlySet<string> = new Set(['submit', 'rerun', 'file_announce', 'webhook_keep', 'erased', 'look'])

export type Reply = string | number | null | Reply[]
export type RunScript = (name: ScriptName, prefix: string, ...args: (string | number)[]) => Promise<Reply>

/** After so long a ticket that should be served by now is looked for. Milliseconds. */
const SLACK_MS = 2000
/** A time that does not come. Redis keeps it exactly. */
const NEVER = 9e15
/** Waiting jobs whose tickets are looked at in one page. */
const WALKED = 1000

const source = (name: string): string => readFileSync(new URL(`./scripts/${name}.lua`, import.meta.url), 'utf8')

/** Goes before scripts of BullMQ too. */
export const RESERVE_PRELUDE = source('reserve_prelude')

/** Registers every script on the connection and gives the way to call them. Sent by hash; re-sent whole after a flush. */
export function defineScripts(redis: Redis): RunScript {
  const prelude = `${constants()}\n${source('prelude')}`
  for (const [name, preludes] of Object.entries(SCRIPTS)) {
    const reserve = NO_RESERVE.has(name) ? [] : [RESERVE_PRELUDE]
    const lua = [...reserve, prelude, ...preludes.map((one) => source(`${one}_prelude`)), source(name)].join('\n')
    redis.defineCommand(`mr_${name}`, { numberOfKeys: 1, lua })
  }
  const commands = redis as unknown as Record<string, (...args: (string | number)[]) => Promise<Reply>>
  return (name, prefix, ...args) => {
    const command = commands[`mr_${name}`]
    if (!command) throw new Error(`no script named ${name}`)
    // The key only routes to the shard; scripts build their keys from the prefix.
    return command.call(redis, `${prefix}open`, prefix, ...args)
  }
}

/** Words of the house that the scripts share. */
function constants(): string {
  const { crowded, full, tight } = MEMORY_LEVELS
  const { high, normal, low } = PRIORITIES
  return [
    `local EVENTS_KEPT, EVENT_BYTES_KEPT = ${LIMITS.eventsPerJob}, ${LIMITS.eventBytesPerJob}`,
    `local CROWDED, FULL, TIGHT, SPARED_BYTES = ${crowded}, ${full}, ${tight}, ${SPARED_BYTES}`,
    `local PRIORITIES = { high = ${high}, normal = ${normal}, low = ${low} }`,
    `local SLACK_MS, NEVER, WALKED = ${SLACK_MS}, ${NEVER}, ${WALKED}`,
    `local SUBMITTED = '${SUBMITTED}'`,
    `local SHORT_LOG, SHORTEST_LOG, LONG_LOG = ${SHORT_LOG_BYTES.full}, ${SHORT_LOG_BYTES.tight}, ${LONG_LOG_BYTES}`,
  ].join('\n')
}
