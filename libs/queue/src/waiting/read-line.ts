/** Looks at a line: three round trips (more when nobody serves it), and the same few reads whatever waits in it. Called by LineViews. */
import { JOB_STATUSES } from '@millrace/contracts'
import type { RedisClient } from '../redis/redis-client.ts'
import { type LineService, toLineService } from '../models/line-service.ts'
import { toPauses } from '../models/pauses.ts'
import { prefixOfModel } from '../redis/keys.ts'
import { toEntries } from '../redis/newest-entries.ts'
import { repliesOf } from '../redis/replies-of.ts'
import { orUnavailable } from '../redis/redis-connection.ts'
import { RUNS } from '../scripts/contract/constants/runs.ts'
import { SCRIPT_CONSTANTS, WORKER_ALIVE_MS } from '../scripts/contract/script-constants.ts'
import type { BesideLine, LineView, RunningJob, Turn } from './line-view.ts'
import { readModelLoads } from '../workers/model-loads.ts'
import { RunTimes } from './run-times.ts'
import { StartTimes } from './start-times.ts'

/** Tenants that are looked at: those that are first in turn, and some of those at their cap. More are reckoned to be like the last. */
const TENANTS_SEEN = 150
const CAPPED_SEEN = 50
/** Workers are counted up to here: the answer is for people. */
const MOST_WORKERS = 100
/** Tenants that only have jobs running, and those of all whose submits are counted. */
const SERVED_SEEN = 20
const RATES_SEEN = 40
/** What "of late" is: a minute, or the time of so many runs. */
const LATE_MS = 60_000
const LATE_RUNS = 30
/** Running jobs that are looked at. More are reckoned to be like these. */
const RUNNING_SEEN = 256
/** Other lines of the same workers, and tenants there. */
const BESIDE_SEEN = 8
const BESIDE_TENANTS = 20

/** Milliseconds of what TIME of Redis has answered. */
export type TimeOf = (time: readonly [seconds: string, microseconds: string]) => number

/** Names and scores in turn, as WITHSCORES answers. */
type Scored = string[]

interface FirstLook {
  now: number
  workers: string[]
  runs: Record<string, string>
  clock: number
  /** What turns of this line lack to those of the model. */
  shift: number
  turns: Scored
  capped: Scored
  tenants: number
  leases: string[]
  running: number
  lines: Record<string, string>
  paused: Record<string, string>
}

export async function readLine(redis: RedisClient, now: TimeOf, prefix: string, line: string): Promise<LineView> {
  const first = await lookFirst(redis, now, prefix, line)
  const second = await lookAgain(redis, prefix, line, first)
  const { workers, places, paused } = second.service
  const { running, held } = inHand(first, second)
  const runs = RunTimes.of(first.runs)
  const meanMs = runs.known > 0 ? runs.mean : SCRIPT_CONSTANTS.FIRST_ESTIMATE_MS
  const turns = await readTurns(redis, { prefix, line, first, running, beside: second.beside, meanMs })
  const isLoading = workers === 0 && (await isBeingLoaded(redis, prefix))
  let starts: StartTimes | undefined
  return {
    ...{ places, running, held, runs, turns, meanMs, beside: second.beside },
    ...{ workers, isPaused: paused, isLoading, tenants: tenantsOf(first, second.beside) },
    starts: () => (starts ??= new StartTimes({ places, running: running.map(({ ranMs }) => ranMs), runs })),
  }
}

/** Asked only when nobody serves a line. */
async function isBeingLoaded(redis: RedisClient, prefix: string): Promise<boolean> {
  const loads = await readModelLoads(redis)
  return loads.some(({ name, state }) => state === 'loading' && prefixOfModel(name) === prefix)
}

async function lookFirst(redis: RedisClient, timeOf: TimeOf, prefix: string, line: string): Promise<FirstLook> {
  const replies = await orUnavailable(() =>
    redis
      .pipeline()
      .time()
      .zrevrange(`${prefix}serving:${line}`, 0, MOST_WORKERS - 1, 'WITHSCORES')
      .hgetall(`${prefix}runs:${line}`)
      .hmget(`${prefix}pace:${line}`, 'clock', 'shift')
      .zrange(`${prefix}turn:${line}`, '0', String(TENANTS_SEEN - 1), 'WITHSCORES')
      .zrange(`${prefix}capped:${line}`, '0', String(CAPPED_SEEN - 1), 'WITHSCORES')
      .zcard(`${prefix}turn:${line}`)
      .zcard(`${prefix}capped:${line}`)
      .zrange(`${prefix}lease`, '0', String(RUNNING_SEEN - 1))
      .zcard(`${prefix}lease`)
      .hgetall(`${prefix}lines`)
      .hgetall(`${prefix}paused`)
      .exec(),
  )
  const [time, serving, runs, pace, turns, capped, inTurn, atCap, leases, running, lines, paused] = repliesOf(
    replies,
  ) as [
    [string, string],
    Scored,
    Record<string, string>,
    [clock: string | null, shift: string | null],
    Scored,
    Scored,
    number,
    number,
    string[],
    number,
    Record<string, string>,
    Record<string, string>,
  ]
  const now = timeOf(time)
  return {
    ...{
      now,
      runs,
      clock: Number(pace[0] ?? 0),
      shift: Number(pace[1] ?? 0),
      turns,
      capped,
      leases,
      running,
      lines,
      paused,
    },
    workers: aliveOf(serving, now),
    tenants: inTurn + atCap,
  }
}

interface SecondLook {
  service: LineService
  /** Of workers that are given jobs. */
  placesOf: ReadonlyMap<string, number>
  /** Worker, tenant and start of each job that runs. */
  jobs: readonly (string | null)[][]
  beside: readonly BesideLine[]
}

async function lookAgain(redis: RedisClient, prefix: string, line: string, first: FirstLook): Promise<SecondLook> {
  const others = Object.keys(first.lines).filter((name) => name !== line && Number(first.lines[name]) > 0)
  const beside = others.slice(0, BESIDE_SEEN)
  const pipeline = redis.pipeline()
  pipeline.hmget(`${prefix}places`, ...orNobody(first.workers))
  for (const id of first.leases) pipeline.hmget(`${prefix}job:${id}`, 'worker', 'tenant', 'started_at')
  for (const name of beside) {
    pipeline.zrevrange(`${prefix}serving:${name}`, 0, MOST_WORKERS - 1, 'WITHSCORES')
    pipeline.zrange(`${prefix}turn:${name}`, '0', String(BESIDE_TENANTS - 1), 'WITHSCORES')
    pipeline.hget(`${prefix}pace:${name}`, 'shift')
    pipeline.zcard(`${prefix}turn:${name}`)
  }
  const replies = repliesOf(await orUnavailable(() => pipeline.exec()))
  const said = replies.shift() as (string | null)[]
  const jobs = replies.splice(0, first.leases.length) as (string | null)[][]
  const places = Object.fromEntries(first.workers.map((worker, i) => [worker, said[i]]))
  const serviceOf = (workers: readonly string[]) => toLineService(line, toPauses(first.paused), workers, places)
  const open = first.workers
    .map((worker) => [worker, serviceOf([worker]).places] as const)
    .filter(([, count]) => count > 0)
  return {
    ...{ service: serviceOf(first.workers), placesOf: new Map(open), jobs },
    beside: toBeside(beside, replies, first),
  }
}

/**
 * What these workers have in hand. A worker may hold more than it has places, and which of these run is not known here: it is
 * taken that those do that it took first, and nothing is said of how long they have.
 */
function inHand({ now, running: all }: FirstLook, { placesOf, jobs }: SecondLook): Pick<LineView, 'running' | 'held'> {
  const byWorker = new Map<string, { tenant: string; since: number }[]>()
  for (const [worker, tenant, since] of jobs) {
    if (!worker || !placesOf.has(worker)) continue
    const ofWorker = byWorker.get(worker) ?? []
    byWorker.set(worker, [...ofWorker, { tenant: tenant ?? '', since: Number(since) }])
  }
  const running: RunningJob[] = []
  const held: string[] = []
  for (const [worker, ofWorker] of byWorker) {
    const places = placesOf.get(worker) as number
    const isFull = ofWorker.length > places
    ofWorker.sort((a, b) => a.since - b.since)
    for (const { tenant, since } of ofWorker.slice(0, places)) {
      running.push({ tenant, ranMs: isFull ? undefined : inRunSteps(now - since) })
    }
    held.push(...ofWorker.slice(places).map(({ tenant }) => tenant))
  }
  const unseen = jobs.length > 0 ? Math.round((running.length * (all - jobs.length)) / jobs.length) : 0
  for (let i = 0; i < unseen; i++) running.push({ tenant: '', ranMs: undefined })
  return { running, held }
}

/** In the steps in which lengths are known: how long the job of another tenant has run exactly is nobody's business. */
const inRunSteps = (ms: number): number =>
  2 ** ((Math.floor(RUNS.RUN_STEPS * Math.log2(Math.max(1, ms))) + 0.5) / RUNS.RUN_STEPS)

/** Each line beside has four replies: its workers, its turns, what these lack to those of the model, and how many there are. */
function toBeside(names: readonly string[], replies: readonly unknown[], first: FirstLook): BesideLine[] {
  return names.flatMap((line, i) => {
    const serving = aliveOf(replies[4 * i] as Scored, first.now)
    const both = serving.filter((worker) => first.workers.includes(worker)).length
    if (both === 0) return []
    const apart = Number(replies[4 * i + 2] ?? 0) - first.shift
    const tenants = toPairs(replies[4 * i + 1] as Scored).map(([tenant, used]) => [tenant, used + apart] as const)
    return [{ line, share: both / serving.length, apart, waiting: Number(replies[4 * i + 3]), tenants }]
  })
}

interface TurnsLook {
  prefix: string
  line: string
  first: FirstLook
  running: LineView['running']
  beside: readonly BesideLine[]
  meanMs: number
}

/** Who waits in several lines is one tenant; of those that are not looked at it is taken that they wait in one. */
function tenantsOf({ tenants, turns, capped }: FirstLook, beside: readonly BesideLine[]): number {
  const inLine = new Set([...toPairs(turns), ...toPairs(capped)].map(([tenant]) => tenant))
  const seen = new Set(inLine)
  for (const [tenant] of beside.flatMap((one) => one.tenants)) seen.add(tenant)
  const unseen = beside.reduce((sum, one) => sum + one.share * (one.waiting - one.tenants.length), 0)
  return tenants + seen.size - inLine.size + Math.round(unseen)
}

/** The tenants that are served by these workers, what waits of them, and how much they submit. */
async function readTurns(redis: RedisClient, look: TurnsLook): Promise<Turn[]> {
  const { prefix, first, meanMs } = look
  const standing = standingOf(look)
  const tenants = [...standing.keys()]
  if (tenants.length === 0) return []
  const rows = tenants.flatMap((tenant) => rowsOf(look, tenant))
  const windowMs = Math.max(LATE_MS, LATE_RUNS * meanMs)
  const since = String((first.now - windowMs) * 1000)
  const pipeline = redis.pipeline().hmget(`${prefix}policy`, ...tenants)
  for (const { line, tenant } of rows) pipeline.zcard(`${prefix}wait:${line}:${tenant}`)
  for (const tenant of tenants) pipeline.zscore(`${prefix}rested`, tenant)
  for (const tenant of tenants.length > 1 ? tenants.slice(0, RATES_SEEN) : []) {
    for (const status of JOB_STATUSES) pipeline.zcount(`${prefix}index:${tenant}:${status}`, since, '+inf')
  }
  const replies = repliesOf(await orUnavailable(() => pipeline.exec()))
  const policies = replies.shift() as (string | null)[]
  const waiting = new Map<string, number>()
  for (const { tenant, share } of rows) {
    waiting.set(tenant, (waiting.get(tenant) ?? 0) + share * (replies.shift() as number))
  }
  const rested = replies.splice(0, tenants.length) as (string | null)[]
  return tenants.map((tenant, i) => {
    const came = (replies as number[]).slice(i * JOB_STATUSES.length, (i + 1) * JOB_STATUSES.length)
    return {
      ...{ tenant, waiting: waiting.get(tenant) ?? 0, ...toPolicy(policies[i] ?? null) },
      used: standing.get(tenant) ?? restingAt(rested[i] ?? null, first.shift, first.clock),
      perMs: came.reduce((sum, count) => sum + count, 0) / windowMs,
    }
  })
}

/** Where each stands: in the line, beside it, or nowhere, for those that are always served at once go before others all the same. */
function standingOf({ first, running, beside }: TurnsLook): Map<string, number | undefined> {
  const standing = new Map<string, number | undefined>([...toPairs(first.turns), ...toPairs(first.capped)])
  const others = [
    ...beside.flatMap(({ tenants }) => tenants),
    ...running.map(({ tenant }) => [tenant, undefined] as const),
  ]
  const most = standing.size + SERVED_SEEN
  for (const [tenant, used] of others) {
    if (standing.size < most && tenant !== '' && !standing.has(tenant)) standing.set(tenant, used)
  }
  return standing
}

/** Where jobs of a tenant may wait. */
function rowsOf({ line, beside }: TurnsLook, tenant: string): { line: string; tenant: string; share: number }[] {
  const there = beside.filter(({ tenants }) => tenants.some(([name]) => name === tenant))
  return [{ line, tenant, share: 1 }, ...there.map((one) => ({ line: one.line, tenant, share: one.share }))]
}

const aliveOf = (serving: Scored, now: number): string[] =>
  toPairs(serving).flatMap(([worker, seen]) => (seen > now - WORKER_ALIVE_MS ? [worker] : []))

const toPairs = (scored: Scored): (readonly [name: string, score: number])[] =>
  toEntries(scored).map(({ id, score }) => [id, score])

/** Where a tenant stands that waits nowhere, as the line counts; see `join_turn` in shares/prelude.lua. */
export const restingAt = (rested: string | null, shift: number, clock: number): number =>
  rested === null ? clock : Math.max(Number(rested) - shift, clock)

/** What was set for a tenant, as `policy_of` in shares/prelude.lua reads it. */
export function toPolicy(text: string | null): Pick<Turn, 'weight' | 'cap'> {
  const [weight, cap = Infinity] = (text ?? '').split(' ').map(Number)
  return { weight: weight || 1, cap: cap < SCRIPT_CONSTANTS.NEVER ? cap : Infinity }
}

/** Redis takes no command without names. */
const orNobody = (names: readonly string[]): readonly string[] => (names.length > 0 ? names : [''])
