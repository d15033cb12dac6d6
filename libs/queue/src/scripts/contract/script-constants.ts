/**
 * Every figure and every name that scripts share with TypeScript, or that somebody may want to change: by the name that it has
 * in Lua. The loader sets before a script those that it uses. TypeScript reads them here, so none is written down twice.
 */
import { LIMITS } from '@millrace/contracts'
import { DEMAND } from './constants/demand.ts'
import { MINUTES } from './constants/minutes.ts'
import { REPEATS } from './constants/repeats.ts'
import { RUNS } from './constants/runs.ts'
import { USAGE } from './constants/usage.ts'
import { RESUMED_REASON } from '../../record/moves.ts'
import { resetsOf } from '../../record/record-table.ts'
import { CANCELS_CHANNEL, CHANGES_CHANNEL, EVENTS_CHANNELS } from '../../redis/keys.ts'
import { HOOK_OWNER } from '../../redis/webhook-keys.ts'
import { LONG_LOG_BYTES, MEMORY_LEVELS, SHORT_LOG_BYTES, SPARED_BYTES } from '../../redis/memory-levels.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** Units of time. Times are milliseconds wherever nothing else is said. */
const UNITS = { SECOND, MINUTE, HOUR, DAY, SECOND_US: 1_000_000, MS_US: 1000, HOUR_SECONDS: HOUR / SECOND } as const

/** What one command that was gathered may carry: below the most that Lua unpacks. */
const WRITES = { ARGUMENTS_AT_ONCE: 1000 } as const

const CHANNELS = { CHANGES_CHANNEL, EVENTS_CHANNELS, CANCELS_CHANNEL } as const

/** The log of a job. */
const LOGS = {
  /** The first event of every log, as JSON. */
  SUBMITTED: '{"type":"status","status":"queued","attempt":0}',
  EVENTS_KEPT: LIMITS.eventsPerJob,
  EVENT_BYTES_KEPT: LIMITS.eventBytesPerJob,
  SHORT_LOG: SHORT_LOG_BYTES.full,
  SHORTEST_LOG: SHORT_LOG_BYTES.tight,
  LONG_LOG: LONG_LOG_BYTES,
  /** A log of so few events and bytes is folded into the record when its job ends. */
  FOLDED_EVENTS: 16,
  FOLDED_BYTES: 2048,
  /** What is kept of the attempts of a job: of very many, the first and the newest. */
  ATTEMPTS_FIRST: 2,
  ATTEMPTS_NEWEST: 30,
  MOVES_BYTES: 8192,
  WORKER_CHARS: 128,
  /** Of the event of a rerun. */
  RERUN_REASON: 'retried by the client',
  /** Of the event of a start that goes on from a checkpoint. */
  RESUMED_REASON,
} as const

const MEMORY = {
  CROWDED: MEMORY_LEVELS.crowded,
  FULL: MEMORY_LEVELS.full,
  TIGHT: MEMORY_LEVELS.tight,
  SPARED_BYTES,
  /** What Redis adds of its own to a job, reckoned roughly. */
  JOB_BYTES: 3000,
} as const

/**
 * By how long a job goes before those of its tenant that were submitted at the same time. So a job is overtaken by what is more
 * urgent only if that came within two hours, and none waits for ever. Milliseconds.
 */
export const HEAD_STARTS_MS = { high: HOUR, normal: 0, low: -HOUR } as const

export const CANCELLATION_KEPT_SECONDS = (7 * DAY) / SECOND

const JOBS = {
  HEAD_STARTS_MS,
  /** How long an idempotency key belongs to its job. */
  IDEMPOTENCY_MS: DAY,
  /** How long the id of a purged job is known. */
  PURGED_HOURS: 24,
  CRASHES_ALLOWED: LIMITS.crashes,
  SOURCE_FAULTS_ALLOWED: LIMITS.sourceFaults,
  /** The row of waits between the tries of a job. */
  FIRST_WAIT_MS: SECOND,
  LONGEST_WAIT_MS: MINUTE,
  /** How long it is known what became of a cancellation. */
  CANCELLATION_KEPT_SECONDS,
  /** Jobs that are looked at for one page of those that are moved, how long its process has it, and how many misfits are told. */
  RELOCATION_SEEN: 500,
  RELOCATION_TAKEN_MS: 3 * SECOND,
  MISFITS_TOLD: 10,
  /** What a record keeps of the times at which it owed a webhook. Characters. */
  OWED_CHARS: 280,
} as const

/** Fields that a move brings back to nothing, and what they are then. */
const RESETS = {
  CLAIM_RESETS: resetsOf('claim'),
  REQUEUE_RESETS: resetsOf('requeue'),
  RERUN_RESETS: resetsOf('rerun'),
} as const

/** When the reconciler looks at an open job, and how much it may do at once. */
const UPKEEP = {
  /** A time that does not come. Redis keeps it exactly. */
  NEVER: 9e15,
  /** Jobs in one page of upkeep: about a millisecond of Redis. */
  PAGE: 50,
  /** From one full page to the next, whoever asks: so all who do upkeep take a fifth of Redis' time at most. */
  PAGES_APART_MS: 5,
  /** Whoever purges a job deletes its objects at once; after this another one does. */
  PURGE_TAKEN_UP_MS: 5 * SECOND,
  /** When a job whose webhook is owed after its retention is looked at again. */
  OWED_AGAIN_MS: MINUTE,
  /** How long the jobs that one process takes from the shelf are its own. */
  SHELF_LEASE_MS: MINUTE,
} as const

/** A worker that has not published for this long is not counted. Three refreshes. */
export const WORKER_ALIVE_MS = 15 * SECOND

const MODELS = {
  WORKER_ALIVE_MS,
  /** Versions of a model that are known, those without workers among them. */
  VERSIONS_KEPT: 100,
  /** A worker process that was not heard for this long is shown as lost no more: what died over lunch is still seen. */
  LOST_SHOWN_MS: 10 * MINUTE,
  /** A worker that has not published for this long is forgotten. */
  WORKER_KEPT_MS: 10 * WORKER_ALIVE_MS,
} as const

const STEERING = {
  /** What is kept of the story of a model's versions, and how much of it is told at once. */
  STEERINGS_KEPT: 100,
  STEERINGS_TOLD: 20,
  /** A version fails more often than others only if the difference is more than so many standard errors. */
  STANDARD_ERRORS: 2,
} as const

const WEBHOOKS = {
  HOOK_OWNER,
  /** How long a delivery that has ended stays in its tenant's log. */
  DELIVERY_KEPT_MS: 7 * DAY,
  /** Others may serve the rest of a lane meanwhile; whoever served it looks again at once. */
  LANE_PAUSE_MS: 250,
  /** Deliveries that are forgotten in one page, and the pause between two full ones: some thousand a second at most. */
  FORGOTTEN_PER_PAGE: 100,
  FORGETTING_APART_MS: 5,
} as const

const FILES = {
  /** How long an object that was given up is remembered: longer than any upload could still be on its way. */
  CONDEMNED_MS: 7 * DAY,
  /** The same of an upload whose time was over. */
  EXPIRED_UPLOAD_MS: DAY,
} as const

const ERASURES = {
  /** A count is good for so long: after that it is counted again before anything is erased. */
  COUNTED_MS: DAY,
  /** How long it is known what became of an erasure. */
  ERASURE_KEPT_SECONDS: (90 * DAY) / SECOND,
} as const

const ACTIONS = {
  /** Actions on many jobs of one tenant that go on at once, and those of it that are known. */
  MOST_OPEN_ACTIONS: 10,
  MOST_ACTIONS: 200,
  /** How long one is a process' own after its last step. */
  ACTION_TAKEN_MS: 6 * SECOND,
  /** How long it is known what became of one. */
  ACTION_KEPT_SECONDS: (7 * DAY) / SECOND,
} as const

const BATCHES = {
  /** Batches of one tenant that go on at once, and those of it that are known. */
  MOST_OPEN_BATCHES: 10,
  MOST_BATCHES: 500,
  /** How long one is a process' own after its last step. */
  BATCH_TAKEN_MS: 10 * SECOND,
  /** Of those whose time is over, so many are looked at together. */
  BATCHES_DUE: 20,
} as const

const ACCESS = {
  /** Keys of the API, those that have ended among them. */
  MOST_KEYS: 100_000,
  /** How long the process that shares out the caps of tenants has no follower, when it dies. */
  KEEPER_MS: 3 * SECOND,
  /** Tenants of a line that are looked at together, to see who wants more. */
  HUNGRY_SEEN: 256,
  /** Tenants that keys have named, or for which something was set. */
  MOST_TENANTS: 100_000,
  /** How long a key that has ended is shown. */
  ENDED_KEY_MS: 30 * DAY,
  /** Changes of keys that processes can catch up with. */
  KEY_CHANGES_KEPT: 10_000,
  /** What was begun becomes an entry of the audit after this, if nobody says how it ended. */
  AUDIT_OPEN_MS: MINUTE,
  /** A tenant that is no operator has this part of the audit at most. */
  AUDIT_PARTS: 50,
} as const

/**
 * What is in Redis is of layout 3. In layout 1 a ticket of BullMQ named each job; such jobs are carried over. In layout 2 a record
 * had a field for each of its parts; such records are read as they are.
 */
export const LAYOUT = 3

const UPGRADE = {
  LAYOUT,
  /** A process of the former layout that has shown nothing of a job for so long has lost it: three of its beats. */
  FORMER_SILENCE_MS: 15 * SECOND,
  /** From one look at a job that runs in such a process to the next. */
  FORMER_LOOK_MS: 5 * SECOND,
} as const

/** How jobs are given out. */
const HANDOUT = {
  /** A worker with room looks at least so often, whether it was woken or not: so long a lost wake can cost. */
  LOOK_MS: 3 * SECOND,
  /**
   * Within so long all have found Redis again that was away: they try once a second, and a try takes two at most. What they do
   * then first is up to a beat, a quarter of their lease, later.
   */
  COME_BACK_MS: 3 * SECOND,
  /** That somebody asked is noted so often. */
  HEARD_EVERY_MS: SECOND / 4,
  /** Leases that a take looks at which have ended; the reconciler looks at the rest. */
  RECOVERED_PER_TAKE: 8,
  /** How long the answer to a take is known, for one whose reply was lost. */
  ANSWER_KEPT_MS: 10 * MINUTE,
  /**
   * How long a suspect waits for a worker that is idle before one is asked to become so, and how long that one has before another
   * one is asked too.
   */
  SUSPECT_PATIENCE_MS: 2 * SECOND,
  IDLER_MS: MINUTE,
  /** Suspects of a line that a take looks at, to find one that may be given. */
  SUSPECTS_SEEN: 8,
  /** Of what is shown of a model's lines: these, tenants in each, and jobs of each tenant. */
  LINES_SHOWN: 20,
  TENANTS_SHOWN: 50,
  JOBS_SHOWN: 100,
  /** How long a job of a line is reckoned to run before one has. */
  FIRST_ESTIMATE_MS: SECOND,
  /** Between the turns of two tenants that came one after the other: next to nothing, but not the same. */
  JOIN_STEP_MS: 0.001,
  /** By how much at most the turns of a line are behind the clock, however long nobody served it. */
  MOST_BEHIND_MS: MINUTE,
  /** Share of the newest run in the mean of a line. */
  PACE_WEIGHT: 0.1,
  ...RUNS,
} as const

export const SCRIPT_CONSTANTS = {
  ...UNITS,
  ...WRITES,
  ...CHANNELS,
  ...LOGS,
  ...MEMORY,
  ...JOBS,
  ...RESETS,
  ...UPKEEP,
  ...MODELS,
  ...STEERING,
  ...WEBHOOKS,
  ...FILES,
  ...ACCESS,
  ...HANDOUT,
  ...UPGRADE,
  ...ERASURES,
  ...ACTIONS,
  ...BATCHES,
  ...REPEATS,
  ...USAGE,
  ...MINUTES,
  ...DEMAND,
} as const

type Constant = string | number | { readonly [name: string]: string | number }

/** Those that are no table, as Lua writes them. */
export const PLAIN_CONSTANTS: ReadonlyMap<string, string> = new Map(
  Object.entries<Constant>(SCRIPT_CONSTANTS)
    .filter(([, value]) => typeof value !== 'object')
    .map(([name, value]) => [name, asLua(value)]),
)

/** The Lua that sets those tables that a script uses. */
export function tablesFor(lua: string): string {
  const words = new Set(lua.match(/\b[A-Z][A-Z0-9_]*\b/g))
  return Object.entries<Constant>(SCRIPT_CONSTANTS)
    .filter(([name, value]) => typeof value === 'object' && words.has(name))
    .map(([name, value]) => `local ${name} = ${asLua(value)}`)
    .join('\n')
}

function asLua(value: Constant): string {
  if (typeof value === 'number') return String(value)
  if (typeof value === 'string') return `'${value}'`
  return `{ ${Object.entries(value)
    .map(([name, one]) => `${name} = ${asLua(one)}`)
    .join(', ')} }`
}
