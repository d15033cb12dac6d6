import { readFileSync } from 'node:fs'
import { LIMITS, PRIORITIES } from '@millrace/contracts'
import type { Redis } from 'ioredis'
import { LONG_LOG_BYTES, MEMORY_LEVELS, SHORT_LOG_BYTES, SPARED_BYTES } from './memory-levels.ts'

/** The scripts that write the records of jobs and files, as commands of a connection. */

/** By folder of scripts/. A folder's prelude.lua is set before each script in it, behind those of the folders it builds on. */
const SCRIPTS = {
  jobs: [
    'submit',
    'claim',
    'beat',
    'append',
    'resolve',
    'settle',
    'cancel',
    'rerun',
    'purged',
    'reconcile',
    'shelf',
    'shelve',
    'look',
  ],
  purge: ['job', 'due'],
  models: ['publish'],
  webhooks: ['fan_out', 'lease', 'end_try', 'redeliver', 'forget', 'keep', 'mark', 'unmark'],
  files: ['keep', 'announce', 'hold', 'release', 'condemn'],
} as const
type Folder = keyof typeof SCRIPTS
/** Folder and name, such as `jobs/submit`. */
export type ScriptName = { [F in Folder]: `${F}/${(typeof SCRIPTS)[F][number]}` }[Folder]

const PRELUDES: Record<Folder, readonly Folder[]> = {
  jobs: ['jobs'],
  purge: ['jobs', 'webhooks', 'purge'],
  models: [],
  webhooks: ['webhooks'],
  files: ['files'],
}

/** What asks for more work, keeps something new or writes nothing. All others go on in the reserve when Redis is full. */
const NO_RESERVE: ReadonlySet<string> = new Set<ScriptName>([
  'jobs/submit',
  'jobs/rerun',
  'files/announce',
  'webhooks/keep',
  'jobs/purged',
  'jobs/look',
])

export type Reply = string | number | null | Reply[]
export type RunScript = (name: ScriptName, prefix: string, ...args: (string | number)[]) => Promise<Reply>

/** The first event of every log, as JSON. */
export const SUBMITTED = '{"type":"status","status":"queued","attempt":0}'
/** After so long a ticket that should be served by now is looked for. Milliseconds. */
const SLACK_MS = 2000
/** A time that does not come. Redis keeps it exactly. */
const NEVER = 9e15
/** Waiting jobs whose tickets are looked at in one page. */
const WALKED = 1000

const source = (path: string): string => readFileSync(new URL(`../scripts/${path}.lua`, import.meta.url), 'utf8')

/** Goes before scripts of BullMQ too. */
export const RESERVE_PRELUDE = source('reserve')

/** Registers every script on the connection and gives the way to call them. Sent by hash; re-sent whole after a flush. */
export function defineScripts(redis: Redis): RunScript {
  const common = `${constants()}\n${source('prelude')}`
  for (const folder of Object.keys(SCRIPTS) as Folder[]) {
    const preludes = PRELUDES[folder].map((one) => source(`${one}/prelude`))
    for (const script of SCRIPTS[folder]) {
      const name = `${folder}/${script}`
      const reserve = NO_RESERVE.has(name) ? [] : [RESERVE_PRELUDE]
      const lua = [...reserve, common, ...preludes, source(name)].join('\n')
      redis.defineCommand(`mr_${name}`, { numberOfKeys: 1, lua })
    }
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
